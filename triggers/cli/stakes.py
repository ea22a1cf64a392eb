"""What is at stake in a run: its time against the objective, what is or may be lost, what an abort would do. Pure."""

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from runbooks.budget import budget
from runbooks.durations import duration
from runbooks.models import PLANNED
from runbooks.outlook import against_rto
from runbooks.runs import RunState
from runbooks.stakes import Tone, counted, time_left
from runbooks.stakes import stakes as stakes_of
from runbooks.words import clean

LABEL = 11
"""Every sentence above the steps begins in the same column."""
_INDENT = 5
"""Beneath the bar."""
_BAR = 18
_LATE, _NEAR = 1.0, 0.6
_STYLES = {Tone.PLAIN: "", Tone.LOSS: "bold red", Tone.WARNING: "bold yellow", Tone.EARLIER: "dim"}


def rto_line(state: RunState, now: float) -> RenderableType:
    """The time that was promised, as a bar: green, yellow from 60 %, red past the objective."""
    spent = against_rto(state, now)
    share = spent / state.rto if state.rto else _LATE
    style = "red" if share > _LATE else "yellow" if share >= _NEAR else "green"
    full = min(_BAR, round(share * _BAR))
    over = f"  OVER by {duration(spent - state.rto)}" if share > _LATE else f"  {share:.0%}"
    return Text.assemble(
        ("RTO  ", "bold"),
        ("━" * full, style),
        ("─" * (_BAR - full), "dim"),
        "  ",
        (duration(spent), f"bold {style}"),
        f" of {duration(state.rto)}",
        (over, style),
        (f"  {counted(state, now)}", "dim"),
    )


def budget_line(state: RunState, now: float) -> RenderableType | None:
    """What is left and what is needed, and until when it must be decided; None while nothing of that is known."""
    if state.outcome is not None or state.estimate is None:
        return None
    found = budget(state, now)
    if found.needed is None:
        return None
    late = found.needed > found.left or (found.decide_by is not None and found.decide_by <= now)
    style = "bold red" if late and state.procedure not in PLANNED else ""
    return Padding(Text(time_left(state, now), style=style), (0, 0, 0, _INDENT))


def stakes(state: RunState) -> RenderableType | None:
    """What a person must know before saying anything: what is lost, what is refused, what an abort would do."""
    rows = stakes_of(state)
    if not rows:
        return None
    lines = Table.grid(padding=(0, 1), expand=True)
    lines.add_column(no_wrap=True, min_width=LABEL)
    lines.add_column(ratio=1)
    for row in rows:
        style = _STYLES[row.tone]
        lines.add_row(Text(row.label, style=style or "dim"), Text(clean(row.sentence), style=style))
    return lines
