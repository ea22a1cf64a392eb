"""A run as a picture: pure functions from its state and the time to something rich can draw."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.awaited import AWAITED, awaited, standing
from runbooks.durations import duration
from runbooks.outlook import began
from runbooks.runs import Outcome, Phase, RunEvent, RunState
from runbooks.telling import headline, message
from runbooks.words import clean, clock, route
from triggers.cli.awaited import answers
from triggers.cli.stakes import LABEL, budget_line, rto_line, stakes
from triggers.cli.step_table import step_table

_OUTCOME_STYLE = {
    Outcome.RECOVERED: "bold green",
    Outcome.COMPLETED: "bold green",
    Outcome.SUPERSEDED: "bold yellow",
    Outcome.APPLIED_NOT_CONFIRMED: "bold yellow",
}


def run_view(
    state: RunState, now: float, *, steps: int | None = None, events: int | None = None, trouble: str = ""
) -> RenderableType:
    """The whole run. `steps` and `events` bound how many rows of each are shown (None: all)."""
    parts = head(state, now, trouble)
    if state.steps:
        parts += [Text(), step_table(state, now, steps)]
    told = state.events if events is None else state.events[-events:] if events else ()
    if told:
        parts += [Text(), event_table(told, began(state), whole=events is None)]
    if state.record:
        parts += [Text(), Text(f"record: {state.record}", style="dim")]
    return Group(*parts)


def head(state: RunState, now: float, trouble: str = "") -> list[RenderableType]:
    """What stands above the steps: how it stands, the time, who is awaited for what, and what is at stake."""
    parts: list[RenderableType] = [_title(state), standing_line(state)]
    if trouble:
        parts.append(Text(trouble, style="bold yellow"))
    parts += [Text(), rto_line(state, now)]
    left = budget_line(state, now)
    parts += [] if left is None else [left]
    for part in (_asked(state, now), stakes(state)):
        parts += [] if part is None else [Text(), part]
    return parts


def _title(state: RunState) -> RenderableType:
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    left = Text.assemble((state.runbook, "bold"), f"  {state.procedure}  ", (route(state), "bold"))
    line.add_row(left, Text(f"run {state.run[:13]}", style="dim"))
    return line


def standing_line(state: RunState) -> Text:
    """The phase or the outcome in capitals, and the sentence that goes with it."""
    style = "bold cyan"
    if state.outcome is not None:
        style = _OUTCOME_STYLE.get(state.outcome, "bold red")
    elif state.phase in AWAITED or (state.phase is Phase.PLANNING and standing(state)):
        style = "bold black on yellow"
    held = Text(" ON HOLD ", style="bold black on yellow") if state.held and state.outcome is None else Text()
    gap = "  " if held else ""
    return Text.assemble((headline(state), style), gap, held, "  ", clean(message(state)))


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
