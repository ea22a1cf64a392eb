"""The first difference between what was recorded and what the code of today does, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from triggers.replay.deeds import Deed, now, recorded
from triggers.replay.witness import Replayed, Turn

_PREFIX = "[TMPRL1100] Nondeterminism error: "


@dataclass(frozen=True)
class Difference:
    """Where the code of today goes another way. `event`: the number of the first event that is not as it was."""

    event: int
    at: float
    recorded: str
    """What was recorded there; empty: nothing, since the workflow wanted nothing more."""
    now: str
    """What the code of today does there; empty: nothing more."""
    why: str
    """What Temporal says."""

    @property
    def sentence(self) -> str:
        """The difference, for a person."""
        then = f"recorded was: {self.recorded}" if self.recorded else "nothing more was recorded"
        today = f"the code of today does: {self.now}" if self.now else "the code of today does nothing more"
        return f"at event {self.event} {then}; {today}"


def difference(history: WorkflowHistory, replayed: Replayed) -> Difference | None:
    """The first difference, or None: the code of today goes the same way."""
    if replayed.failure is None:
        return None
    why = _said(replayed.failure)
    if not replayed.turns:
        return Difference(1, _at(history.events[0]), "a run of this workflow", f"cannot begin it: {why}", why)
    turn = replayed.turns[-1]
    then = _recorded_in(history.events, turn.length)
    if turn.failed:
        number, what = next(iter(then), (turn.length, None))
        return Difference(number, turn.at, str(what or ""), f"fail: {turn.failed}", why)
    return _first(turn, then, why)


def _first(turn: Turn, then: Sequence[tuple[int, Deed]], why: str) -> Difference:
    last = then[-1][0] if then else turn.length + 1
    for was, today in zip_longest(then, now(turn.commands)):
        deed = None if was is None else was[1]
        if deed is None or not deed.same(today):
            number = last + 1 if was is None else was[0]
            return Difference(number, turn.at, str(deed or ""), str(today or ""), why)
    return Difference(last, turn.at, "something else, by Temporal's word", why, why)


def _recorded_in(events: Sequence[HistoryEvent], length: int) -> list[tuple[int, Deed]]:
    """What was wanted in the turn that knew so many events: until the next turn began."""
    found = []
    for event in events[length:]:
        if event.HasField("workflow_task_scheduled_event_attributes"):
            break
        deed = recorded(event)
        if deed is not None:
            found.append((event.event_id, deed))
    return found


def _said(failure: Exception) -> str:
    return " ".join(str(failure).replace(_PREFIX, "").split())


def _at(event: HistoryEvent) -> float:
    return event.event_time.ToNanoseconds() / 1e9
