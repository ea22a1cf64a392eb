"""A run as a picture: pure functions from its state and the time to something rich can draw."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.durations import duration
from runbooks.outlook import began
from runbooks.runs import Outcome, Phase, RunEvent, RunState, Status, StepState
from triggers.cli.awaited import AWAITED, answers, awaited, standing, waiting
from triggers.cli.stakes import LABEL, budget_line, rto_line, stakes
from triggers.cli.words import clean, clock, route

MARKS: dict[Status, tuple[str, str]] = {
    Status.PENDING: ("·", "dim"),
    Status.RUNNING: ("▸", "bold cyan"),
    Status.DONE: ("✓", "green"),
    Status.UNCHANGED: ("=", "green"),
    Status.WAITING: ("!", "bold yellow"),
    Status.SKIPPED: ("-", "yellow"),
    Status.NOT_RUN: ("x", "dim"),
    Status.UNDONE: ("«", "yellow"),
}
_OUTCOME_STYLE = {
    Outcome.RECOVERED: "bold green",
    Outcome.COMPLETED: "bold green",
    Outcome.SUPERSEDED: "bold yellow",
    Outcome.APPLIED_NOT_CONFIRMED: "bold yellow",
}
_QUIET = frozenset({Status.PENDING, Status.NOT_RUN})
_OVER = frozenset({Status.DONE, Status.UNCHANGED})


def run_view(state: RunState, now: float, *, events: int | None = None, trouble: str = "") -> RenderableType:
    """The whole run. `events` bounds how many of the newest are shown (None: all)."""
    parts: list[RenderableType] = [_title(state), standing_line(state)]
    if trouble:
        parts.append(Text(trouble, style="bold yellow"))
    parts += [Text(), rto_line(state, now)]
    left = budget_line(state, now)
    if left is not None:
        parts.append(left)
    asked = _asked(state, now)
    if asked is not None:
        parts += [Text(), asked]
    at_stake = stakes(state)
    if at_stake is not None:
        parts += [Text(), at_stake]
    if state.steps:
        parts += [Text(), _steps(state, now)]
    told = state.events if events is None else state.events[-events:] if events else ()
    if told:
        parts += [Text(), event_table(told, began(state), whole=events is None)]
    if state.record:
        parts += [Text(), Text(f"record: {state.record}", style="dim")]
    return Group(*parts)


def _title(state: RunState) -> RenderableType:
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    left = Text.assemble((state.runbook, "bold"), f"  {state.procedure}  ", (route(state), "bold"))
    line.add_row(left, Text(f"run {state.run[:13]}", style="dim"))
    return line


def standing_line(state: RunState) -> Text:
    """The phase or the outcome in capitals, and the sentence that goes with it."""
    word, style = state.phase.value, "bold cyan"
    if state.outcome is not None:
        word, style = state.outcome.value, _OUTCOME_STYLE.get(state.outcome, "bold red")
    elif state.phase is Phase.PLANNING and standing(state):
        word, style = "the plan refuses itself", "bold black on yellow"
    elif state.phase in AWAITED:
        style = "bold black on yellow"
    held = Text(" ON HOLD ", style="bold black on yellow") if state.held and state.outcome is None else Text()
    gap = "  " if held else ""
    return Text.assemble((word.upper().replace("-", " "), style), gap, held, "  ", clean(_message(state)))


def _message(state: RunState) -> str:
    """What goes on, or what is awaited."""
    waits = [step.id for step in waiting(state)]
    if state.phase is Phase.WAITING_FOR_PERSON and waits:
        return f"{', '.join(waits)} cannot go on without you"
    if state.phase is Phase.PLANNING and standing(state):
        return "it waits for you; meanwhile it looks again from time to time"
    if state.phase is Phase.AWAITING_APPROVAL and state.approval is not None:
        return f"plan {state.checksum[:12]}"
    return state.message


def _asked(state: RunState, now: float) -> RenderableType | None:
    """Who is awaited for what, and the commands that answer."""
    commands = answers(state)
    if not commands:
        return None
    lines = Table.grid(padding=(0, 1))
    lines.add_column(no_wrap=True, min_width=LABEL)
    whom = awaited(state, now)
    if whom:
        lines.add_row(Text("awaited", style="bold yellow"), Text(clean(whom)))
    for number, command in enumerate(commands):
        lines.add_row(Text("answer with" if number == 0 else "or", style="bold yellow"), Text(command, style="bold"))
    return lines


def _steps(state: RunState, now: float) -> RenderableType:
    known = {step.id: step for step in state.plan.steps} if state.plan else {}
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=1)
    table.add_column(justify="right", min_width=5, no_wrap=True)
    table.add_column(ratio=1)
    for step in state.steps:
        mark, style = _mark(step)
        planned = known.get(step.id)
        what = Text(clean(planned.sentence if planned else step.id), no_wrap=True, overflow="ellipsis")
        if step.status in _QUIET:
            what.stylize("dim")
        if planned is not None and planned.final:
            what.append("  (final)", style="magenta")
        why = _why(step)
        if why:
            what.append("  ").append(why, style=style)
        if step.status is Status.WAITING:  # the one row that must be read whole
            what.no_wrap = False
        table.add_row(Text(mark, style=style), Text(took(step, now), style="dim"), what)
    return table


def _mark(step: StepState) -> tuple[str, str]:
    """The step's sign; what went on without its proof never looks like what was proved."""
    return ("?", "yellow") if _unproved(step) else MARKS[step.status]


def _unproved(step: StepState) -> bool:
    return step.status in _OVER and step.result is not None and not step.result.proved


def took(step: StepState, now: float) -> str:
    """How long the step took, or has taken so far."""
    if step.started_at is None:
        return ""
    return duration((now if step.ended_at is None else step.ended_at) - step.started_at)


def _why(step: StepState) -> str:
    said = step.error or (step.result.reason if step.result else "")
    if step.status is Status.UNDONE:
        return clean(f"TAKEN BACK: {said}")
    if step.status is Status.WAITING:
        return clean(f"WAITS: {said}")
    if _unproved(step):
        return clean(f"NOT PROVED, accepted: {said}")
    return clean(said)


def event_table(events: tuple[RunEvent, ...], since: float, *, whole: bool = True) -> RenderableType:
    """The story; one line an event unless they are wanted whole."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(style="dim", no_wrap=True, justify="right")
    table.add_column(ratio=1)
    for event in events:
        text = Text(clean(event.text), no_wrap=not whole, overflow="ellipsis")
        table.add_row(clock(event.at), f"+{duration(event.at - since)}", text)
    return table
