"""What Temporal's history tells of activities: each with its tries, its last failure, and the readings it gave.

History keeps of an activity when it was asked for, the number of its last try with the failure of the one before, and
how it ended. So of five tries the first three are a number only.
"""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import Field, ValidationError

from audit.seal import digest
from runbooks.values import Model, UnixTime

_ENDS = {"Completed": "completed", "Failed": "failed", "TimedOut": "timed out", "Canceled": "cancelled"}


class Attempted(Model):
    """One activity. `tries` is how often it was begun; `error` how the last failed try failed."""

    activity: str
    step: str = ""
    asked_at: UnixTime
    ended_at: UnixTime | None = None
    tries: int = 0
    ended: str = ""
    """completed, failed, timed out, cancelled; empty: it goes on."""
    error: str = ""
    event: int
    """The number of the event that asked for it."""


class Seen(Model):
    """One reading, as the digest of the very bytes that the event of that number has in history.json."""

    event: int
    at: UnixTime
    activity: str
    resource: str
    region: str
    state: str
    sha256: str


class Told(Model):
    """What a history tells."""

    attempts: tuple[Attempted, ...] = ()
    readings: tuple[Seen, ...] = ()
    complete: bool = True
    """The history could be read to its end."""


def told(history: str | None) -> Told:
    """What the history tells; what cannot be read of it tells nothing."""
    if not history:
        return Told(complete=False)
    try:
        events = [_Event.model_validate(event) for event in json.loads(history)["events"]]
    except (ValueError, KeyError, TypeError, ValidationError):
        return Told(complete=False)
    return Told(attempts=tuple(_attempts(events)), readings=tuple(_readings(events)))


class _Event(Model):
    number: int = Field(alias="eventId")
    time: datetime = Field(alias="eventTime")
    kind: str = Field(default="", alias="eventType")
    scheduled: dict[str, Any] = Field(default={}, alias="activityTaskScheduledEventAttributes")
    started: dict[str, Any] = Field(default={}, alias="activityTaskStartedEventAttributes")
    completed: dict[str, Any] = Field(default={}, alias="activityTaskCompletedEventAttributes")
    failed: dict[str, Any] = Field(default={}, alias="activityTaskFailedEventAttributes")
    timed_out: dict[str, Any] = Field(default={}, alias="activityTaskTimedOutEventAttributes")
    cancelled: dict[str, Any] = Field(default={}, alias="activityTaskCanceledEventAttributes")

    @property
    def of(self) -> str:
        """The number of the event that asked for the activity."""
        for some in (self.started, self.completed, self.failed, self.timed_out, self.cancelled):
            if "scheduledEventId" in some:
                return str(some["scheduledEventId"])
        return ""

    @property
    def at(self) -> float:
        """When it was."""
        return self.time.timestamp()


def _attempts(events: list[_Event]) -> Iterator[Attempted]:
    later: dict[str, list[_Event]] = {}
    for event in events:
        later.setdefault(event.of, []).append(event)
    for event in events:
        if event.scheduled:
            yield _attempt(event, later.get(str(event.number), []))


def _attempt(asked: _Event, later: list[_Event]) -> Attempted:
    tries, error, ended, ended_at = 0, "", "", None
    for event in later:
        if event.started:
            tries = int(event.started.get("attempt", 1))
            error = _failure(event.started.get("lastFailure")) or error
            continue
        ended_at = event.at
        kind = event.kind.removeprefix("EVENT_TYPE_ACTIVITY_TASK_").title().replace("_", "")
        ended = _ENDS.get(kind, kind)
        error = _failure(event.failed.get("failure") or event.timed_out.get("failure")) or error
    return Attempted(
        activity=_name(asked),
        step=str(_first(asked.scheduled.get("input")).get("step", "")),
        asked_at=asked.at,
        ended_at=ended_at,
        tries=tries,
        ended=ended,
        error=error,
        event=asked.number,
    )


def _readings(events: list[_Event]) -> Iterator[Seen]:
    asked = {str(event.number): event for event in events if event.scheduled}
    for event in events:
        reading = _first(event.completed.get("result")).get("reading")
        if event.of not in asked or not isinstance(reading, dict):
            continue
        yield Seen(
            event=event.number,
            at=event.at,
            activity=_name(asked[event.of]),
            resource=str(reading.get("resource", "")),
            region=str(reading.get("region", "")),
            state=str(reading.get("state", "")),
            sha256=digest(_bytes(event.completed.get("result"))),
        )


def _name(asked: _Event) -> str:
    return str(asked.scheduled.get("activityType", {}).get("name", ""))


def _failure(failure: Any) -> str:  # noqa: ANN401 - JSON
    """The innermost message: the outer ones say that an activity failed."""
    message = ""
    while isinstance(failure, dict):
        message = str(failure.get("message") or message)
        failure = failure.get("cause")
    return message


def _first(payloads: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The first payload, when it is a JSON object; otherwise an empty one."""
    try:
        found = json.loads(_bytes(payloads))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _bytes(payloads: Any) -> bytes:  # noqa: ANN401 - JSON
    try:
        return base64.b64decode(payloads["payloads"][0]["data"])
    except (TypeError, KeyError, IndexError, binascii.Error):
        return b""
