"""A plan and a run in words, the same for the command line, Slack and the record. Pure text: no colours, no clock.

Each line says which part it is (`Part`) and, for a step, how it stands (`Status`): whoever shows it may colour by that.
Step numbers are places in the order of the plan, so `after 1, 3` reads without looking up ids.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from runbooks.durations import duration
from runbooks.faults import plain
from runbooks.models import PLANNED
from runbooks.outlook import against_rto, began, if_aborted, losses
from runbooks.outlook import elapsed as spent_in_all
from runbooks.plan import Plan, Step
from runbooks.reversal import last_safe_abort_point, marks, numbered, point_of_no_return
from runbooks.runs import Phase, RunState, Status, StepState

CHECKSUM_SHOWN = 12
MARKS: Mapping[Status, str] = {
    Status.PENDING: " ",
    Status.RUNNING: ">",
    Status.DONE: "+",
    Status.UNCHANGED: "=",
    Status.WAITING: "!",
    Status.SKIPPED: "-",
    Status.NOT_RUN: "x",
    Status.UNDONE: "<",
}
_LONGEST = 2000
_AWAITED = frozenset({Phase.AWAITING_APPROVAL, Phase.WAITING_FOR_PERSON, Phase.AWAITING_CONFIRMATION})


class Part(StrEnum):
    """What a line is about."""

    TITLE = "title"
    FACT = "fact"
    LOSS = "loss"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    NOTE = "note"
    STEP = "step"
    EVENT = "event"


@dataclass(frozen=True)
class Line:
    """One line of text. `status` is given for the steps of a run, `final` for what cannot be undone."""

    part: Part
    text: str
    status: Status | None = None
    final: bool = False

    def __str__(self) -> str:
        return self.text


def text_of(lines: Iterable[Line]) -> str:
    """The lines as one text."""
    return "".join(f"{line}\n" for line in lines)


def plan_lines(plan: Plan) -> tuple[Line, ...]:
    """The plan as an approver reads it: what moves, what may be lost, what it refuses, the steps, its checksum."""
    return (
        Line(Part.TITLE, f"{plan.procedure} of {plan.runbook}: {plan.source} -> {plan.target}"),
        _fact("objectives", f"RTO {duration(plan.rto)}, RPO {duration(plan.rpo)}"),
        _fact("traffic", traffic_words(plan)),
        *_judgement(plan),
        *_steps(plan),
        _fact("abort", last_safe_abort_point(plan)),
        _fact("checksum", plan.checksum[:CHECKSUM_SHOWN]),
    )


def _fact(label: str, text: str, part: Part = Part.FACT) -> Line:
    return Line(part, f"  {label:<12}{plain(text, _LONGEST)}")


def traffic_words(plan: Plan) -> str:
    """Each region's share before and after."""
    regions = dict.fromkeys([*plan.traffic_before, *plan.traffic_after])
    shares = ((name, plan.traffic_before.get(name, 0), plan.traffic_after.get(name, 0)) for name in regions)
    return ", ".join(f"{name} {a} -> {b} %" if a != b else f"{name} stays at {a} %" for name, a, b in shares)


def _judgement(plan: Plan) -> Iterator[Line]:
    for loss in plan.loss:
        yield _fact("loss", loss.sentence, Part.LOSS)
    for refusal in plan.refusals:
        if refusal.name is None:
            yield _fact("refused", f"{refusal.sentence} (cannot be accepted: it must be mended)", Part.REFUSED)
        elif refusal.name in plan.accepted:
            yield _fact("accepted", f"{refusal.sentence} ({refusal.name})", Part.ACCEPTED)
        else:
            yield _fact("refused", f"{refusal.sentence} (to accept it: {refusal.name})", Part.REFUSED)
    for note in plan.notes:
        yield _fact("note", note, Part.NOTE)


def _steps(plan: Plan) -> Iterator[Line]:
    numbers = numbered(plan)
    waits_of = waited_for(plan, numbers)
    point = point_of_no_return(plan)
    for step_id, number in numbers.items():
        step = plan.step(step_id)
        waits = ", ".join(str(number) for number in waits_of[step_id])
        text = f"  {number:>3}. {plain(step.sentence, _LONGEST)}" + (f"  [after {waits}]" if waits else "")
        if step.final:
            text += "  (final)"
        if step_id == point:
            text += "  <- point of no return"
        yield Line(Part.STEP, text, final=step.final)


def waited_for(plan: Plan, numbers: Mapping[str, int]) -> dict[str, list[int]]:
    """The numbers of the steps that each waits for, without those that another of them waits for anyway."""
    behind: dict[str, set[int]] = {}
    direct: dict[str, list[int]] = {}
    for step_id in numbers:
        needs = [need for need in dict.fromkeys(plan.step(step_id).needs) if need in numbers]
        implied = set().union(*(behind.get(need, set()) for need in needs))
        behind[step_id] = implied | {numbers[need] for need in needs}
        direct[step_id] = sorted(numbers[need] for need in needs if numbers[need] not in implied)
    return direct


def state_lines(state: RunState, now: float) -> tuple[Line, ...]:
    """The run at `now`: where it is and who is awaited, its steps with their times, its story."""
    route = f"{state.source} -> {state.target or 'not chosen yet'}"
    planned = {} if state.plan is None else {step.id: step for step in state.plan.steps}
    numbers = {} if state.plan is None else numbered(state.plan)
    steps = sorted(state.steps, key=lambda step: numbers.get(step.id, len(numbers) + 1))
    return (
        Line(Part.TITLE, f"{state.procedure} of {state.runbook}: {route}"),
        _fact("run", state.run),
        _standing(state),
        _fact("elapsed", elapsed(state, now)),
        *_losses(state),
        *_abort(state),
        *(_step(step, numbers.get(step.id), planned.get(step.id), now) for step in steps),
        *_events(state),
        *([_fact("record", state.record)] if state.record else []),
    )


def _standing(state: RunState) -> Line:
    """The phase, or the outcome when it has one, and the sentence that goes with it."""
    label = "outcome" if state.outcome else "waiting" if state.phase in _AWAITED else "phase"
    word = str(state.outcome or state.phase)
    held = ", on hold" if state.held and state.outcome is None else ""
    return _fact(label, f"{word}{held}" + (f": {state.message}" if state.message else ""))


def elapsed(state: RunState, now: float) -> str:
    """The time so far, or in all, and what the objective is about measured against it."""
    what = "trigger" if state.fault_at is None else "fault"
    spent = against_rto(state, now)
    since = f"{duration(spent_in_all(state, now))} since the {what}"
    if state.procedure in PLANNED:
        since += f", writes stopped for {duration(spent)}"
    if spent > state.rto:
        return f"{since}; over the RTO of {duration(state.rto)} by {duration(spent - state.rto)}"
    return f"{since}; within the RTO of {duration(state.rto)} ({_percent(spent, state.rto)})"


def _losses(state: RunState) -> Iterator[Line]:
    """Each measurement of what is lost, newest first, with why it differs from the one before."""
    for reports in losses(state).values():
        for report in reports:
            why = f" ({report.difference})" if report.difference else ""
            yield _fact("loss", f"{report.loss.sentence} [{report.moment}]{why}", Part.LOSS)


def _abort(state: RunState) -> Iterator[Line]:
    would = if_aborted(state)
    if would is not None:
        yield _fact("abort", would, Part.NOTE)


def _percent(spent: float, objective: float) -> str:
    return f"{100 * spent / objective:.0f} %" if objective else "100 %"


def _step(state: StepState, number: int | None, step: Step | None, now: float) -> Line:
    shown = "  -" if number is None else f"{number:>3}"
    took = ""
    if state.started_at is not None:
        took = duration((now if state.ended_at is None else state.ended_at) - state.started_at)
    reason = state.error or (state.result.reason if state.result else state.doing)
    if state.result is not None and not state.result.proved:
        reason = f"{reason} (not proved)"
    text = f"  [{MARKS[state.status]}] {shown}. {plain(step.sentence if step else state.id, _LONGEST)}"
    text += f"  {state.status}" + (f", {took}" if took else "") + (f": {plain(reason, _LONGEST)}" if reason else "")
    return Line(Part.STEP, text, state.status, final=step is not None and step.final)


def _events(state: RunState) -> Iterator[Line]:
    since = began(state)
    for event in state.events:
        yield Line(Part.EVENT, f"  +{duration(event.at - since):<11} {plain(event.text, _LONGEST)}")


def mermaid(plan: Plan) -> str:
    """The plan as a Mermaid diagram: dashed what an abort undoes, thick what is final, thickest the first promotion."""
    numbers = numbered(plan)
    drawn = marks(plan)
    lines = ["flowchart TD"]
    for step_id, number in numbers.items():
        sentence = _escaped(plan.step(step_id).sentence)
        lines.append(f'    s{number}["{number}. {sentence}"]:::{drawn[step_id]}')
    for step_id, needs in waited_for(plan, numbers).items():
        lines.extend(f"    s{need} --> s{numbers[step_id]}" for need in needs)
    return "\n".join(
        [
            *lines,
            "    classDef undone stroke-dasharray:6 3",
            "    classDef final stroke-width:3px",
            "    classDef point stroke-width:5px,stroke:#9a3412",
            "",
        ]
    )


def _escaped(text: str) -> str:
    """Mermaid reads `#quot;` inside a quoted label; everything that could end the label or be markup is written so."""
    names = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;"}
    return "".join(names.get(letter, letter) for letter in plain(text, _LONGEST))
