"""What the documents say is true: commands exist, links lead somewhere, tables fit the code."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from activities.table import table
from tests.aws.faked import PAGE, page
from tests.nursery import evac

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md"))
WIDE = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
MAKE = re.compile(r"^([a-z]+):", re.MULTILINE)


def commands() -> list[str]:
    """Every `evac ...` of the documents, in blocks and in the text, without its comment."""
    found = []
    for document in DOCUMENTS:
        text = document.read_text()
        blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines()
        inline = re.findall(r"`(evac [^`]+)`", text)
        found += [" ".join(shlex.split(line, comments=True)) for line in (*blocks, *inline) if line.startswith("evac ")]
    return sorted(set(found) - {"evac --help"})


@pytest.mark.parametrize("line", commands())
def test_the_command_exists(line: str) -> None:
    """The command's own help knows the command and each of its options."""
    words = line.split()[1:]
    path = words[: {"lab": 2, "audit": 2, "console": 3, "permissions": 2}.get(words[0], 1)]
    done = subprocess.run([evac(), *path, "--help"], capture_output=True, text=True, check=False, env=WIDE)
    assert done.returncode == 0, done.stderr
    assert [word for word in words if word.startswith("--") and word not in done.stdout] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    """Each link to a file of the project names one that exists."""
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_make_targets_exist() -> None:
    """Each `make x` of the documents is a target."""
    targets = set(MAKE.findall((ROOT / "Makefile").read_text()))
    named = set(
        re.findall(r"make ([a-z]+)", "\n".join(path.read_text() for path in DOCUMENTS if path.name != "LICENSE"))
    )
    assert {"demo", "test"} <= named
    assert {"demo", "test", "lint", "format", "bench", "lock"} <= targets


def test_the_table_of_technologies_is_the_catalogs() -> None:
    """`docs/technologies.md` is what `python -m activities.table` prints."""
    assert table() == (ROOT / "docs" / "technologies.md").read_text()


def test_the_table_of_fakes_is_theirs() -> None:
    """`docs/aws.md` says of every operation that a fake serves it, as `python -m tests.aws.faked` writes it."""
    assert page() == PAGE.read_text()
