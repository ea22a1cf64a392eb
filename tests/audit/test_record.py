"""The record of a run: whole or not at all, and readable with no server."""

import hashlib
import json
from pathlib import Path

import pytest

from audit.chain import Entry, broken
from audit.record import write
from runbooks.models import Procedure
from runbooks.runs import Outcome, Phase, RunEvent, RunState


def state() -> RunState:
    """A run that has ended."""
    return RunState(
        runbook="llm",
        procedure=Procedure.FAILOVER,
        run="0123456789",
        source="us-east-1",
        phase=Phase.ENDED,
        outcome=Outcome.RECOVERED,
        rto=60,
        rpo=5,
        triggered_at=0,
        started_at=0,
        events=(RunEvent(at=1, text="one"), RunEvent(at=2, text="two")),
    )


def test_holds_what_a_stranger_needs(tmp_path: Path) -> None:
    """Runbook, state, journal with an intact chain, history, and digests that fit."""
    folder = write(tmp_path, state(), "evac: 1\n", '{"events": []}')
    assert folder.name == "19700101T000000Z-failover-01234567"
    manifest = json.loads((folder / "manifest.json").read_text())
    entries = [Entry.model_validate_json(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    assert [e.body["text"] for e in entries if e.body["kind"] == "told"] == ["one", "two"]
    assert broken(entries, manifest["journal_head"]) is None
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]} == (
        manifest["files"]
    )
    assert {"runbook.yaml", "state.json", "measures.json", "journal.jsonl", "history.json"} == set(manifest["files"])


def test_writing_it_again_changes_nothing(tmp_path: Path) -> None:
    """A retry after the answer was lost finds the record and leaves it alone."""
    first = write(tmp_path, state(), "evac: 1\n", None)
    before = {path: path.stat().st_mtime_ns for path in first.iterdir()}
    assert first == write(tmp_path, state(), "another text", None)
    assert before == {path: path.stat().st_mtime_ns for path in first.iterdir()}


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    """When writing fails, no folder stays behind."""
    with pytest.raises(UnicodeEncodeError):
        write(tmp_path, state(), "\ud800", None)
    assert list((tmp_path / "llm").iterdir()) == []
