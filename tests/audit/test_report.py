"""The record of what is made of runs, and what past ones prove."""

import json
from pathlib import Path

from audit.chain import Entry, broken
from audit.report import past, write
from runbooks.models import Procedure
from runbooks.reports import ReportCall
from runbooks.runs import RunEvent


def call(run: str = "0123456789", **changes: object) -> ReportCall:
    """A good drill."""
    return ReportCall.model_validate(
        {
            "procedure": Procedure.DRILL,
            "subject": "llm",
            "workflow_id": "evac/llm/drill",
            "run_id": run,
            "started_at": 0,
            "ended_at": 10,
            "passed": True,
            "runbook_checksum": "c",
            "text": "evac: 1\n",
            "report": {"outcome": "passed"},
            "events": (RunEvent(at=1, text="one"), RunEvent(at=2, text="two")),
            **changes,
        }
    )


def test_holds_what_a_stranger_needs(tmp_path: Path) -> None:
    """The report, the runbook, the history, and a journal whose chain is intact."""
    folder = write(tmp_path, call(), '{"events": []}')
    assert folder == tmp_path / "llm" / "19700101T000000Z-drill-01234567"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {"runbook.yaml", "report.json", "journal.jsonl", "history.json"} == set(manifest["files"])
    entries = [Entry.model_validate_json(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    assert broken(entries, manifest["journal_head"]) is None
    assert folder == write(tmp_path, call(), "another")
    assert (folder / "history.json").read_text() == '{"events": []}'


def test_evacuations_have_a_folder_that_no_runbook_has(tmp_path: Path) -> None:
    """A region may be called as a runbook is."""
    folder = write(tmp_path, call(procedure=Procedure.EVACUATE, subject="us-east-1"), None)
    assert folder.parent == tmp_path / "_evacuate" / "us-east-1"


def test_the_past_is_the_newest_of_each(tmp_path: Path) -> None:
    """Good or not, and the newest good one."""
    write(tmp_path, call("aaaaaaaa", ended_at=10), None)
    write(tmp_path, call("bbbbbbbb", ended_at=20, mode="isolated"), None)
    write(tmp_path, call("cccccccc", ended_at=30, passed=False), None)
    write(tmp_path, call("dddddddd", procedure=Procedure.RESTORE_TEST, passed=False), None)
    write(tmp_path, call("eeeeeeee", subject="other", ended_at=99), None)
    found = past(tmp_path, "llm")
    assert {name: (p.ended_at, p.mode) for name, p in found.good.items()} == {Procedure.DRILL: (20, "isolated")}
    assert {n: p.ended_at for n, p in found.newest.items()} == {Procedure.DRILL: 30, Procedure.RESTORE_TEST: 10}


def test_a_record_that_cannot_be_read_proves_nothing(tmp_path: Path) -> None:
    """Nor does a runbook without records."""
    folder = write(tmp_path, call(), None)
    (folder / "report.json").write_text("{")
    assert (past(tmp_path, "llm").good, past(tmp_path, "unknown").newest) == ({}, {})
