"""`evac init`, as a new user meets it: questions at a terminal, options in a script."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runbooks.load import load
from tests.nursery import evac

EVAC = str(Path(sys.executable).parent / "evac")
ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"


def _init(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [evac(), "init", *arguments],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "COLUMNS": "80", "PYTHONPATH": str(ROOT), "EVAC_ACTOR": "ann"},
    )


def test_the_defaults_are_the_golden_runbook(tmp_path: Path) -> None:
    """What a newcomer reads first: the file, and the three commands that come next."""
    ran = _init(tmp_path, "--defaults")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (GOLDEN / "init.txt").read_text() == ran.stdout
    assert (GOLDEN / "first-runbook.yaml").read_text() == (tmp_path / "my-system.yaml").read_text()


def test_options_answer_and_the_file_is_valid(tmp_path: Path) -> None:
    """Repeated or with commas."""
    options = "--region us-east-1 --region eu-west-1,ap-south-1 --serving active-active --database postgres:vectors"
    ran = _init(tmp_path, "rag.yaml", *options.split(), "--queue", "nats", "--name", "rag", "--defaults", "-o", "json")
    assert (ran.returncode, ran.stderr) == (0, "")
    book = load(tmp_path / "rag.yaml").runbook
    assert (list(book.regions), book.resources["vectors"].home) == (
        ["us-east-1", "eu-west-1", "ap-south-1"],
        "us-east-1",
    )
    assert '"evac validate rag.yaml"' in ran.stdout


def test_without_a_terminal_what_is_missing_is_named(tmp_path: Path) -> None:
    """Nobody can be asked: the options are listed, and nothing is written."""
    ran = _init(tmp_path, "--name", "x", "--rto", "1m")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("evac: nobody can be asked here: give --region, --serving, ")
    assert ("--rto" in ran.stderr, "or --defaults" in ran.stderr, list(tmp_path.iterdir())) == (False, True, [])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--database", "postgrse"],
            (
                "--database: `postgrse` is none of postgres, aurora, docdb, neptune, rds, postgres_logical, dynamodb, "
                "opensearch, s3, azure_postgres, azure_redis, azure_sql, azure_storage, cosmosdb; "
                "did you mean `postgres`?"
            ),
        ),
        (["--name", ""], "--name: `` is no name"),
        (["no/such/folder.yaml"], "no/such/folder.yaml cannot be written: No such file or directory"),
    ],
)
def test_a_wrong_answer_is_one_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    """It names the option, and nothing is written."""
    ran = _init(tmp_path, "--defaults", *arguments)
    assert (ran.returncode, sentence in ran.stderr, list(tmp_path.iterdir())) == (2, True, [])


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    """Only --force writes over it."""
    mine = tmp_path / "mine.yaml"
    mine.write_text("precious")
    ran = _init(tmp_path, "mine.yaml", "--defaults")
    assert (ran.returncode, mine.read_text()) == (2, "precious")
    assert _init(tmp_path, "mine.yaml", "--defaults", "--force").returncode == 0
    assert mine.read_text().startswith("# yaml-language-server: $schema=evac.schema.json\n")


def test_a_person_is_asked_again_until_it_is_right(tmp_path: Path) -> None:
    """Every question has a default; what is wrong is said where it was answered."""
    side, other = os.openpty()
    process = subprocess.Popen(
        [EVAC, "init", "--region", "a,b"],
        stdin=other,
        stdout=other,
        stderr=other,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "EVAC_ACTOR": "ann", "TERM": "dumb"},
    )
    os.close(other)
    os.write(side, b"Big Blue\nbig-blue\n" + b"\n" * 10)
    seen = b""
    while process.poll() is None or b"evac doctor" not in seen:
        try:
            seen += os.read(side, 65536)
        except OSError:  # the other side is closed
            break
    os.close(side)
    assert (process.wait(), b"`Big Blue` is no name" in seen, b"In which regions" in seen) == (0, True, False)
    assert list(load(tmp_path / "big-blue.yaml").runbook.regions) == ["a", "b"]
