"""The account of what is no run: what its report says, level by level. Pure."""

from collections.abc import Iterator

from pydantic import JsonValue

from audit.account_parts import BAD, GOOD, Account, Section, failures, files, timeline
from audit.bundle import Bundle
from audit.verify import Checked
from runbooks.reports import ReportCall
from runbooks.words import day

_ELSEWHERE = frozenset({"events", "text", "plan", "steps", "runbook"})


def of_report(bundle: Bundle, report: ReportCall | None, checked: Checked) -> Account:
    """Of a record whose report may be unreadable."""
    entries = list(bundle.journal())
    facts: list[tuple[str, ...]] = [] if report is None else list(_report_facts(report))
    sections = (
        Section("In short", (), tuple(facts), "The record's report cannot be read."),
        Section("In detail", ("What", "Value"), () if report is None else tuple(_flat(report.report))),
        failures(entries),
        timeline(entries),
        files(bundle),
    )
    passed = report is not None and report.passed
    return Account(
        title=bundle.name if report is None else f"{report.subject}: {report.procedure}",
        verdict="UNREADABLE" if report is None else "PASSED" if passed else "NOT PASSED",
        tone=GOOD if passed else BAD,
        summary="" if report is None else str(report.report.get("message") or ""),
        sections=sections,
        chart=None,
        proof=checked.sentence,
        intact=checked.intact,
        record=bundle.name,
        made_of=0.0 if report is None else report.ended_at,
    )


def _report_facts(report: ReportCall) -> Iterator[tuple[str, ...]]:
    yield "Of", report.subject
    yield "Procedure", f"{report.procedure}{f', {report.mode}' if report.mode else ''}"
    yield "Passed", "yes" if report.passed else "NO"
    yield "Began, ended", f"{day(report.started_at)} - {day(report.ended_at)}"
    yield "Runbook", f"SHA-256 {report.runbook_checksum}" if report.runbook_checksum else "each run has its own"
    yield "Run", report.run_id


def _flat(value: dict[str, JsonValue], above: str = "") -> Iterator[tuple[str, ...]]:
    """What the report says, level by level; what has a section or a file of its own is left out."""
    for key, found in value.items():
        name = f"{above}{key}".replace("_", " ")
        if key in _ELSEWHERE or found in (None, "", [], {}):
            continue
        if isinstance(found, dict):
            yield from _flat(found, f"{above}{key}, ")
        elif isinstance(found, list):
            for number, one in enumerate(found, 1):
                if isinstance(one, dict):
                    yield from _flat(one, f"{above}{key} {number}, ")
                else:
                    yield name, str(one)
        else:
            yield name, _value(key, found)


def _value(key: str, found: JsonValue) -> str:
    if isinstance(found, float) and (key == "at" or key.endswith("_at")):
        return day(found)
    return ("yes" if found else "no") if isinstance(found, bool) else str(found)
