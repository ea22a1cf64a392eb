"""The account of a run: facts, promises, losses, decisions and steps, as its record has them. Pure."""

from collections.abc import Iterator

from audit.account_parts import BAD, GOOD, UNSURE, Account, Section, failures, files, timeline
from audit.bundle import Bundle
from audit.gantt import chart
from audit.measures import Lost, Measures
from audit.story import evidence_digest
from audit.verify import Checked
from runbooks.durations import duration
from runbooks.runs import DecisionKind, Judged, RunState, Status, StepState, Trigger
from runbooks.step_rows import why
from runbooks.telling import headline
from runbooks.words import clock, day

_PARTS = 12
_GOOD = frozenset({"recovered", "completed"})


def of_run(bundle: Bundle, state: RunState, checked: Checked) -> Account:
    """Of a run's record."""
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
        failures(entries),
        timeline(entries),
        files(bundle),
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
