"""What is done again and again: drills, readiness reports and restore tests, each at its times."""

from pydantic import JsonValue

from runbooks.durations import duration
from runbooks.models import Procedure, Runbook
from runbooks.plan import checksum_of
from runbooks.values import Model, Seconds, UnixTime

SCHEDULED = (Procedure.DRILL, Procedure.READINESS, Procedure.RESTORE_TEST)
"""What can be put on a schedule: everything else is decided when it is needed."""

SHORTEST = 60.0
"""Seconds between two times."""


class Timetable(Model):
    """When: every so many seconds, or as a cron line says (in UTC). Exactly one of the two."""

    every: Seconds | None = None
    cron: str = ""


class ScheduledInput(Model):
    """What a schedule starts, each time with a trigger of its own: `request` is the procedure's whole input."""

    procedure: Procedure
    runbook: str
    request: dict[str, JsonValue]
    by: str
    proof: str = ""


class ScheduledState(Model):
    """What became of one time: the run that was started, or why none was."""

    started: bool
    run: str = ""
    sentence: str


class ScheduleRequest(Model):
    """Put this procedure of this runbook, pinned as it is now, on a schedule. `options` go in the procedure's input."""

    procedure: Procedure
    runbook: Runbook
    text: str = ""
    timetable: Timetable
    options: dict[str, JsonValue] = {}
    by: str
    proof: str = ""


class ScheduleState(Model):
    """One schedule as it stands. `note` says when, by whom, and of which runbook's checksum."""

    id: str
    runbook: str
    procedure: Procedure
    note: str = ""
    paused: bool = False
    next_at: UnixTime | None = None
    last_at: UnixTime | None = None
    skipped: int = 0
    """Times at which the one before was still going."""


def why_not(request: ScheduleRequest) -> str | None:
    """Why that cannot be put on a schedule, or None. Whether a cron line is one, Temporal says."""
    if request.procedure not in SCHEDULED:
        return f"a {request.procedure} is decided when it is needed; on a schedule: {', '.join(SCHEDULED)}"
    table = request.timetable
    if (table.every is None) == (not table.cron):
        return "a schedule is either every so often or by a cron line: give one of the two"
    if table.every is not None and table.every < SHORTEST:
        return f"every {duration(table.every)} is too often: {duration(SHORTEST)} is the shortest"
    return None


def note(request: ScheduleRequest) -> str:
    """What a person reads of it."""
    table = request.timetable
    when = f"every {duration(table.every)}" if table.every is not None else f"cron {table.cron} (UTC)"
    return f"{when}, asked by {request.by}, of the runbook {checksum_of(request.runbook)[:12]}"
