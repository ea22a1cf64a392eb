"""A past run event by event, with the state as people then saw it."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.history.v1 import HistoryEvent

from triggers.replay.deeds import recorded
from triggers.replay.recording import Recording
from triggers.replay.witness import Replayed, Turn


@dataclass(frozen=True)
class Moment:
    """One event: when, what it was in words, and what anybody who asked just after it was answered (None: nothing)."""

    number: int
    at: float
    what: str
    turn: Turn | None

    @property
    def state(self) -> Any:  # noqa: ANN401 - each workflow has a state of its own
        """The state as JSON, or None before the first turn."""
        return None if self.turn is None or self.turn.state is None else json.loads(self.turn.state)


def moments(recording: Recording, replayed: Replayed) -> list[Moment]:
    """Every event that means something to a person; Temporal's own book-keeping is left out."""
    events = recording.history.events
    lengths = [turn.length for turn in replayed.turns]
    found: list[Moment] = []
    for event in events:
        what = _in_words(event, events)
        # A turn is answered when its task is completed, one event after the last that it knew.
        known = bisect_right(lengths, event.event_id - 1)
        if what is not None:
            turn = replayed.turns[known - 1] if known else None
            # What was buffered while the workflow decided stands behind it, with a time before it.
            at = max(event.event_time.ToNanoseconds() / 1e9, found[-1].at if found else 0.0)
            found.append(Moment(event.event_id, at, what, turn))
    return found


def at_event(found: Sequence[Moment], number: int) -> Moment:
    """The moment of that event, or of the last one before it."""
    return found[max(0, bisect_right([moment.number for moment in found], number) - 1)]


def at_time(found: Sequence[Moment], when: float) -> Moment:
    """The last moment that was not later."""
    return found[max(0, bisect_right([moment.at for moment in found], when) - 1)]


def _in_words(event: HistoryEvent, events: Sequence[HistoryEvent]) -> str | None:  # noqa: C901 - one line a sort
    deed = recorded(event)
    if deed is not None:
        return None if deed.kind == "set search attributes" else str(deed)
    match event.WhichOneof("attributes"):
        case "workflow_execution_started_event_attributes":
            return f"the {event.workflow_execution_started_event_attributes.workflow_type.name} begins"
        case "workflow_task_completed_event_attributes":
            return "the workflow has decided"
        case "activity_task_completed_event_attributes":
            return f"done: {_of(events, event.activity_task_completed_event_attributes.scheduled_event_id)}"
        case "activity_task_failed_event_attributes":
            failed = event.activity_task_failed_event_attributes
            return f"failed: {_of(events, failed.scheduled_event_id)}: {failed.failure.message}"
        case "activity_task_timed_out_event_attributes":
            return f"out of time: {_of(events, event.activity_task_timed_out_event_attributes.scheduled_event_id)}"
        case "timer_fired_event_attributes":
            return f"time is up: {_of(events, event.timer_fired_event_attributes.started_event_id)}"
        case "workflow_execution_signaled_event_attributes":
            return _signal(event)
        case "child_workflow_execution_completed_event_attributes":
            kind = event.child_workflow_execution_completed_event_attributes.workflow_type.name
            return f"ended: the workflow {kind}"
        case "workflow_execution_cancel_requested_event_attributes":
            return "somebody cancelled the workflow in Temporal"
        case _:
            return None


def _of(events: Sequence[HistoryEvent], number: int) -> str:
    deed = recorded(events[number - 1])
    if deed is None:
        return f"event {number}"
    return deed.summary or deed.name or deed.kind


def _signal(event: HistoryEvent) -> str:
    """Who said what."""
    signal = event.workflow_execution_signaled_event_attributes
    try:
        told = json.loads(signal.input.payloads[0].data)
        return f"signal {signal.signal_name}: {told.get('by', '?')}: {told.get('kind', '')}".rstrip(": ")
    except (ValueError, LookupError, AttributeError):
        return f"signal {signal.signal_name}"
