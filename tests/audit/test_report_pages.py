"""What an auditor reads: the page, the PDF, the picture, the sheet, two runs side by side."""

import base64
import csv
import hashlib
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from audit.account import account
from audit.account_parts import BAD, GOOD, Account
from audit.bundle import Bundle, BundleError, read
from audit.diff import diff
from audit.gantt import WAIT, chart, svg, ticks
from audit.measures import measures
from audit.page import page
from audit.pdf import pdf
from audit.record import write
from audit.report import write as write_report
from audit.sheet import sheet
from audit.verify import verify
from runbooks.runs import RunState
from tests.audit.bundles import RECOVERED, bundle, recorded
from tests.audit.test_report import call as report_call

EVIL = "<script>alert(1)</script>\"'&\x1b[31m = \u4e2d"


def told(folder: Path, name: str = RECOVERED, **changes: Any) -> Account:
    """The account of that run's record."""
    record = read(bundle(folder, name, **changes))
    return account(record, verify(record))


def state(name: str = RECOVERED, **changes: Any) -> RunState:
    """That run's state, asked for a moment before it began."""
    found = recorded(name)[0].state
    return found.model_copy(update={"triggered_at": found.started_at - 1.0, **changes})


def section(of: Account, title: str) -> tuple[tuple[str, ...], ...]:
    """The rows of one section."""
    return next(part.rows for part in of.sections if part.title == title)


class Tags(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Text between elements."""
        self.text += data


def test_it_says_who_what_when_why_and_what_was_lost(tmp_path: Path) -> None:
    """Everything an auditor asks for, in words."""
    found = told(tmp_path, "failover-recovered")
    facts = dict(section(found, "In short")[:4]) | {row[0]: row[1] for row in section(found, "In short")[4:]}
    assert (found.verdict, found.tone, facts["Approved by"]) == ("RECOVERED", GOOD, "bob")
    assert tuple(section(found, "Promised and measured")[0][n] for n in (0, 1, 3)) == ("RTO", "1 min", "yes")
    assert "approve (plan" in str(section(found, "Who decided"))
    assert section(found, "Attempts that failed")[0][1:3] == ("promote.postgres promote.vector-db.eu-west-1", "2")
    assert {"state.json", "history.json", "manifest.json"} <= {row[0] for row in section(found, "Evidence")}


def test_a_run_that_was_stopped_says_what_did_not_run(tmp_path: Path) -> None:
    """Each step, and why."""
    found = told(tmp_path, "failover-aborted")
    assert (found.verdict, found.tone) == ("ABORTED", BAD)
    rows = section(found, "What did not run")
    assert rows
    assert all("not-run" in why or "skipped" in why or "undone" in why for _, why in rows)


def test_the_page_lets_nothing_in(tmp_path: Path) -> None:
    """Its policy allows one style, which is the page's; it has no script, and refers to nothing."""
    text = page(told(tmp_path))
    tags = Tags(text)
    policy = next(given["content"] or "" for tag, given in tags.found if given.get("http-equiv"))
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "script" not in {tag for tag, _ in tags.found}
    assert [given for _, given in tags.found if {"src", "href", "style", "onload"} & set(given)] == []
    assert "@media print" in style[1]
    assert "prefers-color-scheme: dark" in style[1]


def test_all_text_is_escaped(tmp_path: Path) -> None:
    """Whatever a failing system, or an attacker, wrote."""
    base = state()
    assert base.plan is not None
    steps = tuple(step.model_copy(update={"sentence": EVIL}) for step in base.plan.steps)
    evil = base.model_copy(
        update={"message": EVIL, "runbook": "llm", "plan": base.plan.model_copy(update={"steps": steps}), "drill": EVIL}
    )
    record = read(write(tmp_path, evil, EVIL, None))
    found = account(replace(record, name=EVIL), verify(record))
    text = page(found)
    assert "<script" not in text
    assert EVIL in Tags(text).text
    assert pdf(found).startswith(b"%PDF-")


def test_the_same_record_gives_the_same_page_and_pdf(tmp_path: Path) -> None:
    """Byte by byte: two auditors can compare what they were given."""
    found = told(tmp_path)
    assert page(found) == page(found)
    assert pdf(found) == pdf(found)
    assert len(re.findall(rb"/Type /Page\b", pdf(found))) >= 3


def test_a_record_that_was_changed_says_so_on_top(tmp_path: Path) -> None:
    """Whatever else it claims."""
    record = read(bundle(tmp_path))
    forged = replace(record, files={**record.files, "state.json": record.files["state.json"] + b" "})
    found = account(forged, verify(forged))
    assert not found.intact
    assert "This record is NOT as it was written: 1 fault." in Tags(page(found)).text


def test_what_is_made_of_runs_has_an_account_too(tmp_path: Path) -> None:
    """A drill's report, and a record of which nothing can be read."""
    drill = report_call(
        report={"outcome": "passed", "report": {"lost": 0, "at": 5.0, "names": ["a", "b"]}, "events": [1]}
    )
    record = read(write_report(tmp_path, drill, None))
    found = account(record, verify(record))
    assert (found.verdict, found.tone) == ("PASSED", GOOD)
    rows = section(found, "In detail")
    assert ("report, lost", "0") in rows
    assert ("report, at", "1970-01-01 00:00:05Z") in rows
    assert "events" not in str(rows)
    broken = replace(record, files={**record.files, "report.json": b"{"})
    assert account(broken, verify(broken)).verdict == "UNREADABLE"
    assert "UNREADABLE" in page(account(broken, verify(broken)))


def test_the_picture_has_the_waits_and_the_rto() -> None:
    """People that were waited for are hatched; the RTO is a line, or a sentence where it is far away."""
    run = state("failover-recovered")
    drawn = chart(run.model_copy(update={"rto": 6.0}))
    assert [bar.label for bar in drawn.bars if bar.kind == WAIT] == ["Wait for approval"]
    assert drawn.rto_at == pytest.approx(6.0)
    text = svg(drawn)
    assert ('class="rto"' in text, 'class="wait"' in text, "<script" in text, "style=" in text) == (
        True,
        True,
        False,
        False,
    )
    far = chart(run)
    assert (far.rto_at, far.rto_note) == (None, "The RTO ends 1 min after the begin: beyond this picture.")
    waited = chart(state())
    (fence,) = [bar for bar in waited.bars if bar.label.startswith("Fence")]
    assert fence.waits
    assert fence.note == "not proved"


def test_the_picture_of_a_run_that_did_nothing_is_drawn() -> None:
    """Refused before there was a plan."""
    drawn = chart(state("failover-refused"))
    assert [bar for bar in drawn.bars if bar.end < bar.start] == []
    assert svg(drawn).startswith("<svg")


@pytest.mark.parametrize("length", [0.0004, 0.7, 4.2, 61.0, 3600.0, 90000.0])
def test_the_axis_has_a_few_round_times(length: float) -> None:
    """Whatever the run took."""
    found = ticks(length)
    assert 2 <= len(found) <= 8
    assert found[0] == 0
    assert found[-1] <= length * 1.001


def test_what_was_not_recovered_has_not_met_its_objective() -> None:
    """And what was never down has none to meet."""
    aborted = measures(state("failover-aborted"))
    assert (aborted.rto.met, aborted.rto.measured) == (False, None)
    assert aborted.rto.sentence.startswith("not recovered; it ended")
    assert aborted.not_run
    refused = measures(state("switchover-refused"))
    assert (refused.rto.met, refused.rto.sentence) == (None, "writes were never stopped")


def test_the_sheet_has_every_entry_and_no_formula(tmp_path: Path) -> None:
    """A spreadsheet must not run what somebody wrote as a reason."""
    record = read(bundle(tmp_path))
    rows = list(csv.reader(io.StringIO(sheet(record))))
    assert rows[0] == ["entry", "at", "kind", "step", "by", "what", "hash"]
    assert len(rows) == 1 + len(list(record.journal()))
    events = (state().events[0].model_copy(update={"text": '=HYPERLINK("http://x")'}),)
    evil = read(write(tmp_path / "evil", state(events=events), "", None))
    assert "'=HYPERLINK" in sheet(evil)


def test_two_runs_side_by_side(tmp_path: Path) -> None:
    """What differs, and what only one has."""
    one, other = read(bundle(tmp_path)), read(bundle(tmp_path, "switchover-completed"))
    lines = {line.what: line for line in diff(one, other)}
    assert (lines["procedure"].one, lines["procedure"].other) == ("failover", "switchover")
    assert lines["runbook"].same
    assert (lines["decision 1"].one, lines["decision 1"].other) == ("bob: retry", "bob: approve")
    assert lines["step reseed.vector-db.us-east-1"].one == "-"
    assert all(line.same for line in diff(one, one))
    with pytest.raises(BundleError, match="only runs are compared"):
        diff(one, Bundle("x", {}))
