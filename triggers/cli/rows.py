"""What has ended, a row each: of Temporal's history and of the records alike. Pure."""

from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from runbooks.drills import DrillState
from runbooks.durations import duration
from runbooks.outlook import against_rto
from runbooks.runs import RunState
from runbooks.telling import not_recovered
from runbooks.values import Model
from runbooks.words import clean, day
from triggers.cli.shapes import BY_TYPE

_WIDE = 110
"""Columns that a row needs; a narrower terminal gets two lines for each."""


@dataclass(frozen=True)
class Head:
    """What is known of it without its state."""

    began: float
    subject: str
    kind: str
    status: str
    run: str


@dataclass(frozen=True)
class Row:
    """One that has ended, in words."""

    when: str
    subject: str
    kind: str
    way: str
    outcome: str
    measured: Text
    run: str


def row(head: Head, state: Model | Exception) -> Row:
    """It in words; an exception is why its state cannot be told."""
    way, outcome, measured = "", head.status, Text()
    if isinstance(state, Exception):
        measured = Text(clean(str(state)), style="yellow")
    elif isinstance(state, RunState):
        way, outcome = f"{state.source} -> {state.target or 'none'}", state.outcome or head.status
        measured = _measured(state)
    elif isinstance(state, DrillState):
        way, outcome = f"{state.source} -> {state.target or 'none'}", state.outcome or head.status
        if state.report is not None and state.report.without_writes is not None:
            measured = _against(state.report.without_writes, state.report.rto)
    else:
        outcome, _, rest = BY_TYPE[head.kind].closing(state).partition(": ")
        measured = Text(rest.partition(";")[0], overflow="ellipsis")
    return Row(day(head.began), head.subject, head.kind, way, str(outcome), measured, head.run[:13])


def listed(found: list[Row], width: int) -> Table:
    """A row each, or two lines where there is no room for a row."""
    return _table(found) if width >= _WIDE else _blocks(found)


def _measured(state: RunState) -> Text:
    if not_recovered(state):
        return Text("not recovered", style="red")
    if state.ended_at is None:
        return Text("not ended")
    return _against(against_rto(state, state.triggered_at), state.rto)


def _against(spent: float, rto: float) -> Text:
    late = spent > rto
    return Text(f"{duration(spent)} / {duration(rto)}{' OVER' if late else ''}", style="red" if late else "")


def _table(found: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("WHEN", "RUNBOOK", "PROCEDURE", "FROM -> TO", "OUTCOME", "DOWN / RTO", "RUN"):
        table.add_column(title, overflow="fold")
    for one in found:
        table.add_row(one.when, one.subject, one.kind, one.way, one.outcome, one.measured, one.run)
    return table


def _blocks(found: list[Row]) -> Table:
    """Two lines each: what and how it ended; where and how long."""
    table = Table.grid(padding=(0, 2))
    for one in found:
        table.add_row(Text(one.when, style="dim"), Text(f"{one.subject}  {one.kind}", style="bold"), one.outcome)
        table.add_row(Text(f"run {one.run}", style="dim"), one.way, one.measured)
    return table
