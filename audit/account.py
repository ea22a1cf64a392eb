"""What an auditor is told of a record: who, what, when, why, promised against measured, what was lost, and the proof.

One account, written as a page, a PDF or text: so they cannot say different things. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from audit.bundle import Bundle
from audit.chain import Entry
from audit.gantt import Chart, chart
from audit.measures import Lost, Measures
from audit.seal import digest
from audit.story import ATTEMPT, TOLD, evidence_digest
from audit.verify import Checked
from runbooks.durations import duration
from runbooks.reports import ReportCall
from runbooks.runs import DecisionKind, Judged, RunState, Status, StepState, Trigger
from runbooks.step_rows import why
from runbooks.telling import headline
from runbooks.words import clean, clock, day

GOOD, BAD, UNSURE = "good", "bad", "unsure"
_PARTS = 12


@dataclass(frozen=True)
class Section:
    """One part: a table, or pairs of a name and a value where there is no heading row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    nothing: str = ""
    """What is said where there are no rows; empty: the section is left out."""
    narrow: bool = False
    """Its last column is made of digests: written small."""


@dataclass(frozen=True)
class Account:
    """The whole."""

    title: str
    verdict: str
    tone: str
    summary: str
    sections: tuple[Section, ...]
    chart: Chart | None
    proof: str
    intact: bool
    record: str
    made_of: float
    """When what it tells of ended: the page has no other time, so it is the same whenever it is made."""


def account(bundle: Bundle, checked: Checked) -> Account:
    """The account of a record, whatever can be read of it."""
    state, report = bundle.state(), bundle.report()
    if state is not None:
        return _of_run(bundle, state, checked)
    return _of_report(bundle, report, checked)


def _of_run(bundle: Bundle, state: RunState, checked: Checked) -> Account:
    measured = bundle.measured()
    assert measured is not None
    good = measured.rto.met is not False and not measured.skipped
    tone = BAD if state.outcome not in _GOOD else GOOD if good else UNSURE
    entries = list(bundle.journal())
    sections = (
        Section("In short", (), tuple(_facts(state, measured))),
        Section("Promised and measured", ("Objective", "Promised", "Measured", "Met", "How"), _promises(measured)),
        Section(
            "What was lost",
            ("Resource", "In", "Stated before", "Measured after", "Bytes", "Transactions", "In words"),
            tuple(map(_loss, measured.rpo)),
            "Nothing that holds data was moved, or the run ended before it was planned.",
        ),
        Section(
            "Who decided",
            ("When", "Who", "Said", "Counted", "Why", "Proved by", "Saw"),
            tuple(map(_decision, state.decisions)),
            "Nobody decided anything.",
        ),
        Section("Steps", ("Step", "How it ended", "Began", "Took", "What it found", "Evidence"), _steps(state)),
        Section(
            "What did not run",
            ("Step", "Why"),
            tuple(_not_run(state)),
            "Everything that was planned was run." if state.plan else "No plan was made.",
        ),
        _failures(entries),
        _timeline(entries),
        _files(bundle),
    )
    return Account(
        title=f"{state.runbook}: {state.procedure} {state.source} -> {state.target or 'no region'}",
        verdict=headline(state),
        tone=tone,
        summary=state.message,
        sections=sections,
        chart=chart(state),
        proof=checked.sentence,
        intact=checked.intact,
        record=bundle.name,
        made_of=state.ended_at or state.started_at,
    )


_GOOD = frozenset({"recovered", "completed"})


def approvers(state: RunState) -> tuple[str, ...]:
    """Whose yes counted, in their order, each once."""
    said = (one for one in state.decisions if one.decision.kind is DecisionKind.APPROVE and one.refused is None)
    return tuple(dict.fromkeys(one.decision.by for one in said))


def _facts(state: RunState, measured: Measures) -> Iterator[tuple[str, ...]]:
    yield "Runbook", state.runbook
    yield "Procedure", f"{state.procedure}, {f'as a part of {state.drill}' if state.drill else 'for real'}"
    yield "From, to", f"{state.source} -> {state.target or 'not chosen'}"
    yield "Outcome", f"{headline(state).lower()}: {state.message}"
    for trigger in state.triggers:
        why = f": {trigger.reason}" if trigger.reason else ""
        yield "Asked by", f"{trigger.by}, for a {trigger.procedure}{why} [{trigger.proof or _unproved(trigger)}]"
    for verdict in state.verdicts:
        yield "Seen", f"{verdict.region} {verdict.state} from {verdict.vantage}: {verdict.reason}"
    yield "Approved by", ", ".join(approvers(state)) or "nobody: the policy did not ask, or it never came to that"
    if measured.approval_waited is not None:
        yield "Waited for approval", duration(measured.approval_waited)
    if state.fault_at is not None:
        yield "Fault first seen", day(state.fault_at)
    yield "Began, ended", f"{day(state.started_at)} - {'going' if state.ended_at is None else day(state.ended_at)}"
    if state.checksum:
        yield "Plan", f"SHA-256 {state.checksum}"
    yield "Run", state.run


def _unproved(trigger: Trigger) -> str:
    return "not proved" if trigger.kind == "person" else f"by itself: {trigger.kind}"


def _promises(measured: Measures) -> tuple[tuple[str, ...], ...]:
    rto = measured.rto
    found = "not measured" if rto.measured is None else duration(rto.measured)
    rows = [("RTO", duration(rto.objective), found, _met(rto.met), rto.sentence)]
    for lost in measured.rpo:
        found = _seconds(lost.measured, "not measured")
        rows.append((f"RPO of {lost.resource}", duration(lost.objective), found, _met(lost.met), lost.sentence))
    return tuple(rows)


def _met(met: bool | None) -> str:  # noqa: FBT001 - a cell
    return "cannot be told" if met is None else "yes" if met else "NO"


def _loss(lost: Lost) -> tuple[str, ...]:
    return (
        lost.resource,
        lost.region,
        _seconds(lost.stated, "unknown"),
        _seconds(lost.measured, "unknown"),
        "unknown" if lost.bytes is None else str(lost.bytes),
        "unknown" if lost.transactions is None else str(lost.transactions),
        lost.sentence,
    )


def _seconds(seconds: float | None, unknown: str) -> str:
    return unknown if seconds is None else duration(seconds)


def _decision(judged: Judged) -> tuple[str, ...]:
    decision = judged.decision
    what = f"{decision.kind} {decision.step}".strip() + (
        f" (plan {decision.checksum[:12]})" if decision.checksum else ""
    )
    saw = "" if decision.shown is None else "; ".join(loss.sentence for loss in decision.shown.loss) or "no loss"
    counted = "yes" if judged.refused is None else f"NO: {judged.refused}"
    proof = ", ".join([decision.proof or "not proved", *decision.groups])
    return day(decision.at), decision.by, what, counted, decision.reason, proof, saw or "not shown"


def _steps(state: RunState) -> tuple[tuple[str, ...], ...]:
    sentences = {step.id: step.sentence for step in state.plan.steps} if state.plan else {}
    begun = [step for step in state.steps if step.started_at is not None]
    return tuple(
        _step(step, sentences.get(step.id, step.id)) for step in sorted(begun, key=lambda step: step.started_at or 0.0)
    )


def _step(step: StepState, sentence: str) -> tuple[str, ...]:
    assert step.started_at is not None
    took = "" if step.ended_at is None else duration(step.ended_at - step.started_at)
    proved = "" if step.result is None or step.result.proved else ", not proved"
    found = step.error or (step.result.reason if step.result else "")
    return sentence, f"{step.status}{proved}", clock(step.started_at), took, found, evidence_digest(step)[:_PARTS]


def _not_run(state: RunState) -> Iterator[tuple[str, ...]]:
    sentences = {step.id: step.sentence for step in state.plan.steps} if state.plan else {}
    for step in state.steps:
        if step.status in {Status.NOT_RUN, Status.PENDING, Status.SKIPPED, Status.UNDONE}:
            said = why(step)
            yield sentences.get(step.id, step.id), f"{step.status}{f': {said}' if said else ''}"


def _failures(entries: list[Entry]) -> Section:
    """Activities that had to be tried again, or failed."""
    rows = tuple(
        (
            _when(entry),
            f"{_text(entry, 'activity')} {_text(entry, 'step')}".strip(),
            _text(entry, "tries"),
            _error(entry),
        )
        for entry in entries
        if entry.body.get("kind") == ATTEMPT and (entry.body.get("error") or entry.body.get("ended") == "failed")
    )
    return Section("Attempts that failed", ("When", "Activity", "Tries", "The last error"), rows, "No attempt failed.")


def _activity(entry: Entry) -> str:
    return f"{_text(entry, 'activity')} {_text(entry, 'step')}".strip()


def _error(entry: Entry) -> str:
    ended = _text(entry, "ended")
    return f"{_text(entry, 'error') or 'no reason was given'} ({'then completed' if ended == 'completed' else ended})"


def _timeline(entries: list[Entry]) -> Section:
    """The sentences; what only the journal holds besides them is in the CSV."""
    shown = [entry for entry in entries if entry.body.get("kind", TOLD) == TOLD]
    rows = tuple((_when(entry), str(entry.seq), _text(entry, "text")) for entry in shown)
    return Section("What happened", ("When", "Entry", "What"), rows, "The journal is empty.")


def _files(bundle: Bundle) -> Section:
    rows = tuple((name, str(len(content)), digest(content)) for name, content in sorted(bundle.files.items()))
    return Section("Evidence", ("File", "Bytes", "SHA-256"), rows, "", narrow=True)


def _of_report(bundle: Bundle, report: ReportCall | None, checked: Checked) -> Account:
    entries = list(bundle.journal())
    facts: list[tuple[str, ...]] = [] if report is None else list(_report_facts(report))
    sections = (
        Section("In short", (), tuple(facts), "The record's report cannot be read."),
        Section("In detail", ("What", "Value"), () if report is None else tuple(_flat(report.report))),
        _failures(entries),
        _timeline(entries),
        _files(bundle),
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


_ELSEWHERE = frozenset({"events", "text", "plan", "steps", "runbook"})


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


def _when(entry: Entry) -> str:
    at = entry.body.get("at")
    return clock(float(at)) if isinstance(at, int | float) else ""


def _text(entry: Entry, key: str) -> str:
    return clean(str(entry.body.get(key) or ""))
