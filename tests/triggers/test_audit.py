"""`evac audit`: with no server, on real records."""

import csv
import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from audit.report import write as write_report
from tests.audit.bundles import bundle
from tests.audit.test_report import call as report_call
from triggers.cli.main import app

RUNNER = CliRunner()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with three records: a failover, an aborted one, a drill's report."""
    monkeypatch.setenv("EVAC_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("EVAC_RECORDS_STORE", "EVAC_RECORDS_KEEP", "EVAC_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    records = tmp_path / "records"
    bundle(records, "failover-recovered")
    bundle(records, "failover-aborted")
    write_report(records, report_call(subject="shop", report={"outcome": "passed"}), None)
    return tmp_path


def run(*arguments: str) -> Result:
    """The command's end."""
    return RUNNER.invoke(app, ["audit", *arguments])


def shown(*arguments: str) -> dict[str, Any]:
    """Its JSON document."""
    ended = run(*arguments, "-o", "json")
    assert ended.exit_code == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def outcomes(*arguments: str) -> list[str]:
    """The outcomes that are listed."""
    return [one["outcome"] for one in shown("list", *arguments)["records"]]


def record_of(home: Path, word: str) -> Path:
    """The folder of the record whose outcome is that."""
    del home
    (found,) = [one["path"] for one in shown("list", "--outcome", word)["records"]]
    return Path(found)


def test_a_runbook_stands_for_its_newest_record(home: Path) -> None:
    """As its name does for its run in every command that waits for one."""
    del home
    newest = shown("list", "--runbook", "llm")["records"][0]["path"]
    assert run("verify", "llm").stdout.startswith(f"{Path(newest).name}: intact")
    assert "no record nobody" in run("verify", "nobody").stderr


def test_records_are_listed_newest_first(home: Path) -> None:
    """As a table, like `evac history`."""
    assert outcomes() == ["aborted", "recovered", "passed"]
    text = run("list").stdout
    assert text.splitlines()[0].split()[:3] == ["WHEN", "RUNBOOK", "PROCEDURE"]
    assert "us-east-1 -> eu-west-1" in text
    assert str(home) not in text


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--runbook", "llm"], ["aborted", "recovered"]),
        (["--runbook", "none"], []),
        (["--region", "eu-west-1"], ["aborted", "recovered"]),
        (["--region", "mars"], []),
        (["--outcome", "recovered"], ["recovered"]),
        (["--drill"], ["passed"]),
        (["--real"], ["aborted", "recovered"]),
        (["--since", "2000-01-01"], ["aborted", "recovered"]),
        (["--until", "2000-01-01T00:00:00+00:00"], ["passed"]),
        (["--approver", "bob"], ["recovered"]),
        (["--approver", "eve"], []),
    ],
)
def test_what_is_listed_can_be_chosen(home: Path, options: list[str], expected: list[str]) -> None:
    """By runbook, region, outcome, exercise, time and approver."""
    assert home.is_dir()
    assert expected == outcomes(*options)


def test_nothing_to_list_is_said(home: Path) -> None:
    """Whether nothing is so, or nothing is there."""
    assert "There is no such record in" in run("list", "--outcome", "x").stdout
    bad = run("list", "--since", "yesterday")
    assert (bad.exit_code, "'yesterday' is no time: write 2026-11-24" in bad.stderr) == (2, True)
    for path in (home / "records").glob("*/*"):
        path.rename(home / path.name)
    assert "There are no records yet in" in run("list").stdout


def test_a_record_is_shown(home: Path) -> None:
    """By the beginning of its name; steps, decisions, losses, and whether it is intact."""
    name = record_of(home, "recovered").name
    text = run("show", name).stdout
    for part in ("RECOVERED", "This record is intact", "WHO DECIDED", "bob", "WHAT WAS LOST", "Promote vector-db"):
        assert part in text
    document = shown("show", name)
    assert (document["verification"]["intact"], document["measures"]["outcome"]) == (True, "recovered")
    assert run("show", shown("list", "--outcome", "passed")["records"][0]["record"]).stdout.startswith("shop: drill")


def test_an_intact_record_is_verified(home: Path) -> None:
    """Exit 0, wherever it lies."""
    folder = record_of(home, "recovered")
    for target in (folder.name, str(folder), f"file://{folder}"):
        ended = run("verify", target)
        assert (ended.exit_code, ": intact: 7 files and" in ended.stdout) == (0, True), ended.stderr


def test_a_changed_record_is_found(home: Path) -> None:
    """Exit 1, with each place; one of several is enough."""
    folder, good = record_of(home, "recovered"), record_of(home, "aborted")
    lines = (folder / "journal.jsonl").read_text().splitlines(keepends=True)
    (folder / "journal.jsonl").write_text("".join(lines[:5] + lines[6:]))
    (folder / "plan.json").unlink()
    ended = run("verify", good.name, folder.name)
    assert ended.exit_code == 1
    assert "  journal.jsonl: entry 5 is missing: 6 stands in its place\n" in ended.stdout
    assert "  plan.json: it is missing\n" in ended.stdout
    document = json.loads(run("verify", folder.name, "-o", "json").stdout)
    (found,) = document["records"]
    assert not found["intact"]
    assert {"file": "journal.jsonl", "what": "entry 5 is missing: 6 stands in its place", "entry": 5} in found["faults"]


def test_what_is_not_there_is_said(home: Path) -> None:
    """Exit 2: no record, no key, a name that may be several."""
    for arguments, why in (
        (["verify", "nothing"], "there is no record nothing in"),
        (["show", str(home)], "there is no record" if not home.is_dir() else "is no record"),
        (["verify", "2026"], "may be any of 2 records"),
        (["verify", "x", "--key", "nowhere"], "the key nowhere cannot be read"),
        (["verify", record_of(home, "aborted").name, "--key", __file__], "not an Ed25519 public key"),
    ):
        ended = run(*arguments)
        assert (ended.exit_code, why in ended.stderr) == (2, True), (arguments, ended.stderr)
        assert "Traceback" not in ended.stderr


def test_a_tar_is_as_good_as_the_record(home: Path) -> None:
    """It can be verified, shown and compared."""
    name = record_of(home, "recovered").name
    assert f"wrote {name}.tar.gz\n" == run("export", name).stdout
    assert run("verify", f"{name}.tar.gz").exit_code == 0
    assert "They do not differ." in run("diff", name, f"{name}.tar.gz").stdout


def test_two_runs_are_compared(home: Path) -> None:
    """What differs; with --all also what does not."""
    one, other = record_of(home, "recovered").name, record_of(home, "aborted").name
    text = run("diff", one, other).stdout
    assert "aborted" in text
    assert "runbook" not in text
    assert "runbook" in run("diff", one, other, "--all").stdout
    assert any(not line["same"] for line in shown("diff", one, other)["lines"])


def test_a_report_is_written_in_every_form(home: Path) -> None:
    """To a file beside you, to one of your choice, or to stdout."""
    name = record_of(home, "recovered").name
    assert f"wrote {name}.html\n" == run("report", name).stdout
    assert (home / f"{name}.html").read_text().startswith("<!doctype html>")
    assert run("report", name, "-f", "pdf", "-o", "mine.pdf").exit_code == 0
    assert (home / "mine.pdf").read_bytes().startswith(b"%PDF-")
    for made, called, begins in (
        ("report", "as-called.pdf", b"%PDF-"),
        ("report", "as-called.HTM", b"<!doctype html>"),
        ("export", "as-called.json", b'{\n  "evac": 1'),
        ("export", "as-called.csv", b"entry,at,kind"),
        ("export", "as-called.tgz", b"\x1f\x8b"),
    ):
        assert run(made, name, "-o", called).exit_code == 0
        assert (home / called).read_bytes().startswith(begins), called
    rows = list(csv.reader(io.StringIO(run("export", name, "-f", "csv", "-o", "-").stdout)))
    assert rows[0][:3] == ["entry", "at", "kind"]
    document = json.loads(run("export", name, "-f", "json", "-o", "-").stdout)
    assert (1, name, True) == (document["evac"], document["record"], document["verification"]["intact"])
    assert len(document["journal"]) == len(rows) - 1
    assert run("report", name, "-o", "nowhere/x.html").exit_code == 2


def test_a_key_is_made_once(home: Path) -> None:
    """The private half is for its owner only; nothing is written over a key."""
    assert run("keygen", "key").exit_code == 0
    assert stat.S_IMODE((home / "key").stat().st_mode) == 0o600
    assert (home / "key.pub").read_text().startswith("-----BEGIN PUBLIC KEY-----")
    again = run("keygen", "key")
    assert (again.exit_code, "nothing is written over a key" in again.stderr) == (4, True)
    unsigned = run("verify", record_of(home, "recovered").name, "--key", "key.pub")
    assert (unsigned.exit_code, "signature.json: it is missing: the record is unsigned" in unsigned.stdout) == (1, True)


def test_records_are_pushed_and_only_then_pruned(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run removes nothing; without the store's word nothing goes; what went is read from the store."""
    folder = record_of(home, "recovered")
    for option, why in (("prune", "EVAC_RECORDS_KEEP is not set"), ("push", "EVAC_RECORDS_STORE is not set")):
        refused = run(option)
        assert (refused.exit_code, why in refused.stderr) == (2, True)
    monkeypatch.setenv("EVAC_RECORDS_KEEP", "0s")
    monkeypatch.setenv("EVAC_RECORDS_STORE", f"file://{home}/store")
    assert run("prune", "--dry-run").stdout.count("stays, the store has not confirmed it") == 3
    assert run("push").stdout.count(": copied") == 3
    assert "has every record" in run("push").stdout
    assert run("prune", "--dry-run").stdout.count("would be removed, the store has it") == 3
    asked = run("prune")
    assert (asked.exit_code, "say --yes, or look first with --dry-run" in asked.stderr) == (2, True)
    assert folder.is_dir()
    assert run("prune", "--yes").stdout.count("removed, the store has it") == 3
    assert outcomes() == []
    assert run("verify", f"file://{home}/store/llm/{folder.name}").exit_code == 0
    monkeypatch.setenv("EVAC_RECORDS_STORE", "s3:///x")
    bad = run("push")
    assert (bad.exit_code, "EVAC_RECORDS_STORE cannot be used: 's3:///x' names no bucket" in bad.stderr) == (2, True)
