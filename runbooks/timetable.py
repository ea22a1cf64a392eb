"""What is done again and again: drills, readiness reports and restore tests, each at its times."""

from collections.abc import Iterable

from pydantic import Field, JsonValue

from runbooks.cron import why_not_cron
from runbooks.durations import duration
from runbooks.models import Procedure, Runbook, ScheduleRule
from runbooks.plan import declared_checksum
from runbooks.values import Model, Seconds, UnixTime
from runbooks.windows import known_zone

SCHEDULED = (Procedure.DRILL, Procedure.READINESS, Procedure.RESTORE_TEST)
"""What can be put on a schedule: everything else is decided when it is needed."""

SHORTEST = 60.0
"""Seconds between two times."""


OPTIONS: dict[Procedure, tuple[str, ...]] = {
    Procedure.DRILL: ("mode", "soak", "source", "target", "accept"),
    Procedure.READINESS: (),
    Procedure.RESTORE_TEST: ("region", "resource"),
}
"""What each takes beside its times: fields of its workflow's input."""


class Timetable(Model):
    """When: every so many seconds, or as a cron line says, in `timezone`. Exactly one of the two.

    Each time comes later by a random part of `jitter`.
    """

    every: Seconds | None = None
    cron: str = ""
    timezone: str = "UTC"
    jitter: Seconds = 0.0

    @property
    def words(self) -> str:
        """As a person says it."""
        when = f"every {duration(self.every)}" if self.every is not None else f"cron {self.cron} ({self.timezone})"
        return f"{when}, up to {duration(self.jitter)} later" if self.jitter else when


class ScheduledInput(Model):
    """What a schedule starts, each time with a trigger of its own: `request` is the procedure's whole input."""

    procedure: Procedure
    runbook: str
    request: dict[str, JsonValue]
    by: str
    proof: str = ""
    timetable: Timetable | None = None
    """When, as it was asked for: Temporal keeps it in a form that nobody wrote. None: put by an older Evac."""
    at: UnixTime = 0.0
    """When it was asked for."""


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
    """One schedule as it stands. `note` says when, by whom, and of which runbook's checksum; or why it is paused."""

    id: str
    runbook: str
    procedure: Procedure
    note: str = ""
    timetable: Timetable | None = None
    options: dict[str, JsonValue] = {}
    by: str = ""
    pinned: Runbook | None = Field(default=None, exclude=True)
    """The runbook that it was made with; None when that cannot be read."""
    checksum: str = ""
    """Of that runbook."""
    made_at: UnixTime = 0.0
    """When it was put so."""
    edited: bool = False
    """Its times are no longer those that were asked for: somebody changed them in Temporal itself."""
    paused: bool = False
    next_at: UnixTime | None = None
    last_at: UnixTime | None = None
    skipped: int = 0
    """Times at which the one before was still going."""


def timetable_of(rule: ScheduleRule) -> Timetable:
    """Its times."""
    return Timetable(every=rule.every, cron=rule.cron or "", timezone=rule.timezone, jitter=rule.jitter)


def options_of(rule: ScheduleRule) -> dict[str, JsonValue]:
    """What goes into the procedure's input: only what is declared."""
    told = rule.model_dump(mode="json")
    return {name: told[name] for name in OPTIONS[rule.procedure] if told[name] not in (None, [])}


def option_words(name: str, value: JsonValue) -> str:
    """The value of an option as a person says it."""
    if value is None:
        return "as the policy says" if name in ("mode", "soak") else "none"
    if name == "soak" and isinstance(value, int | float):
        return duration(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def words(table: Timetable, options: dict[str, JsonValue]) -> str:
    """When, and with which options."""
    return "; ".join([table.words, *(f"{name} {option_words(name, options[name])}" for name in sorted(options))])


def outdated(schedule: ScheduleState, seen: Iterable[tuple[UnixTime, str]]) -> bool:
    """Another text of its runbook was seen in use (when, and its checksum) after this schedule was made."""
    return any(at > schedule.made_at and checksum != schedule.checksum for at, checksum in seen)


def why_not(request: ScheduleRequest) -> str | None:
    """Why that cannot be put on a schedule, or None."""
    if request.procedure not in SCHEDULED:
        return f"a {request.procedure} is decided when it is needed; on a schedule: {', '.join(SCHEDULED)}"
    return why_not_times(request.timetable)


def why_not_times(table: Timetable) -> str | None:
    """Why those are no times, or None."""
    if (table.every is None) == (not table.cron):
        return "a schedule is either every so often or by a cron line: give one of the two"
    if table.cron:
        return why_not_cron(table.cron) or _why_not_zone(table.timezone)
    assert table.every is not None, "one of the two is given"
    if table.every < SHORTEST:
        return f"every {duration(table.every)} is too often: {duration(SHORTEST)} is the shortest"
    if table.jitter >= table.every:
        return (
            f"a jitter of {duration(table.jitter)} every {duration(table.every)} would mix the times up: make it less"
        )
    return None


def _why_not_zone(name: str) -> str | None:
    return None if known_zone(name) else f"{name!r} is no time zone; write one such as UTC or Europe/Berlin"


def note(request: ScheduleRequest) -> str:
    """What a person reads of it."""
    return f"{request.timetable.words}, asked by {request.by}, of the runbook {declared_checksum(request.runbook)[:12]}"
