"""The steps of a run as rows; where there is no room for all, those that matter now. Pure."""

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.runs import RunState, Status
from runbooks.step_rows import MARKS, QUIET, UNPROVED, chosen, left_out, mark, took, why
from runbooks.words import clean

_STYLES = {
    **{MARKS[status]: "dim" for status in QUIET},
    MARKS[Status.RUNNING]: "bold cyan",
    MARKS[Status.DONE]: "green",
    MARKS[Status.UNCHANGED]: "green",
    MARKS[Status.WAITING]: "bold yellow",
    MARKS[Status.SKIPPED]: "yellow",
    MARKS[Status.UNDONE]: "yellow",
    UNPROVED: "yellow",
}


def step_table(state: RunState, now: float, room: int | None = None) -> RenderableType:
    """A row for each step, with its sign, its time and why."""
    known = {step.id: step for step in state.plan.steps} if state.plan else {}
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=1)
    table.add_column(justify="right", min_width=5, no_wrap=True)
    table.add_column(ratio=1)
    shown = chosen(state.steps, room)
    for step in shown:
        sign, style = mark(step), _STYLES[mark(step)]
        planned = known.get(step.id)
        what = Text(clean(planned.sentence if planned else step.id), no_wrap=True, overflow="ellipsis")
        if step.status in QUIET:
            what.stylize("dim")
        if planned is not None and planned.final:
            what.append("  (final)", style="magenta")
        said = why(step)
        if said:
            what.append("  ").append(said, style=style)
        if step.status is Status.WAITING:  # the one row that must be read whole
            what.no_wrap = False
        table.add_row(Text(sign, style=style), Text(took(step, now), style="dim"), what)
    if len(shown) < len(state.steps):
        table.add_row("", "", Text(left_out(state.steps, shown), style="dim"))
    return table
