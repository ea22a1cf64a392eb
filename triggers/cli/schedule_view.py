"""Schedules as an operator reads them: how each stands, and what differs from the runbook. Pure."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.timetable import ScheduleState, options_of, timetable_of, words
from runbooks.timetable_changes import Change, Difference
from runbooks.words import clean, day

_STYLES = {Change.ADD: "green", Change.CHANGE: "yellow", Change.SAME: "dim", Change.ORPHAN: "magenta"}


def differences_view(found: Sequence[Difference]) -> RenderableType:
    """What is to be done about each, and why."""
    table = Table.grid(padding=(0, 2))
    for one in found:
        style = _STYLES[one.change]
        table.add_row(Text(one.change, style=style), one.runbook, one.procedure.value, Text(_times(one), style=style))
        for sentence in one.differs:
            table.add_row("", "", "", Text(f"  {clean(sentence)}", style="dim"))
    return table


def _times(one: Difference) -> str:
    """The times as declared; of an orphan as kept."""
    paused = " (PAUSED)" if one.kept is not None and one.kept.paused else ""
    if one.declared is not None:
        return clean(words(timetable_of(one.declared), options_of(one.declared))) + paused
    assert one.kept is not None, "it is declared or kept"
    return kept_times(one.kept) + paused


def kept_times(state: ScheduleState) -> str:
    """When, and how; as its note says it where that cannot be read."""
    return clean(state.note if state.timetable is None else words(state.timetable, state.options))


def schedule_table(found: Sequence[ScheduleState]) -> RenderableType:
    """One row each, with why it is paused beneath."""
    table = Table(box=None, pad_edge=False)
    for title in ("RUNBOOK", "PROCEDURE", "TIMES", "NEXT", "LAST", "MADE OF"):
        table.add_column(title, overflow="fold")
    for one in found:
        following = "paused" if one.paused else "never" if one.next_at is None else day(one.next_at)
        last = "not yet" if one.last_at is None else day(one.last_at)
        row = (one.runbook, one.procedure.value, kept_times(one), following, last, one.checksum[:12] or "?")
        table.add_row(*row, style="yellow" if one.paused else "")
        for told in _remarks(one):
            table.add_row("", "", Text(told, style="yellow"))
    return table


def _remarks(one: ScheduleState) -> list[str]:
    told = [clean(one.note)] if one.paused else []
    told += ["its times were changed in Temporal itself"] if one.edited else []
    if one.skipped:
        told.append(f"skipped {one.skipped} time{'' if one.skipped == 1 else 's'}, since the one before went on")
    return told


def schedule_line(one: ScheduleState, *, older: bool) -> str:
    """One schedule in a status: when, and what is the matter with it."""
    following = f"next {day(one.next_at)}" if one.next_at is not None else "no next time"
    following = f"PAUSED: {clean(one.note)}" if one.paused else following
    made = "; made with an OLDER TEXT of the runbook (`evac schedule sync`)" if older else ""
    by = f"asked by {clean(one.by)}" if one.by else clean(one.note)
    return f"Scheduled: {one.procedure} of {one.runbook}, {following} ({kept_times(one)}, {by}{made})"
