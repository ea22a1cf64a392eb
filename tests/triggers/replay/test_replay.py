"""Every committed history, walked through: what people saw, and what a changed workflow does otherwise."""

import json
from pathlib import Path
from typing import Any

import pytest

from runbooks.runs import Phase, RunState
from tests.triggers.replay.changed import Broken, Changed
from triggers.names import RUNS
from triggers.replay.differences import difference
from triggers.replay.moments import at_event, at_time, moments
from triggers.replay.recording import read
from triggers.replay.witness import Replayed, Witness

HISTORIES = sorted((Path(__file__).parents[2] / "histories").glob("*.json"))
RECOVERED = next(path for path in HISTORIES if path.stem == "failover-recovered")
UNTOLD = {"announce", "lock", "scheduled", "readiness"}
"""The first three have no state. A report judges the runbook's checksum, which a new field of the model changes."""


async def _replayed(path: Path, *workflows: type) -> Replayed:
    return await (Witness(workflows, ask=True) if workflows else Witness(ask=True)).replay(read(path).history)


async def test_the_state_at_each_moment_is_what_was_told_then() -> None:
    """The last one is the recorded result, and the one at the record is what the record was given."""
    witness, told = Witness(ask=True), 0
    for path in HISTORIES:
        recording = read(path)
        replayed = await witness.replay(recording.history)
        assert difference(recording.history, replayed) is None, path.stem
        found = moments(recording, replayed)
        last = recording.history.events[-1].workflow_execution_completed_event_attributes.result.payloads
        if last and recording.workflow not in UNTOLD:
            assert _told_again(json.loads(last[0].data), found[-1].state), path.stem
            told += 1
        for number, call in _records(recording.history.events):
            assert _told_again(call, at_event(found, number).state), path.stem
    assert told > 40


def _told_again(then: Any, now: Any) -> bool:
    """Whatever was told then is told now, in the same words; a model may have got fields since."""
    if isinstance(then, dict) and isinstance(now, dict):
        return all(_told_again(value, now.get(key)) for key, value in then.items())
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(_told_again, then, now))
    return bool(then == now)


def _records(events: Any) -> list[tuple[int, Any]]:
    """Each run that was given to the activity `record`, with the number of that event."""
    calls = [(one.event_id, one.activity_task_scheduled_event_attributes) for one in events]
    return [(n, json.loads(c.input.payloads[0].data)["state"]) for n, c in calls if c.activity_type.name == "record"]


async def test_what_the_approver_saw() -> None:
    """At that second, and at that event, the run awaited the approval that came a moment later."""
    found = moments(read(RECOVERED), await _replayed(RECOVERED))
    said = next(one for one in found if one.what == "signal decide: bob: approve")
    seen = RunState.model_validate(at_event(found, said.number).state)
    assert (seen.phase, list(seen.decisions), bool(seen.decided_at)) == (Phase.AWAITING_APPROVAL, [], False)
    assert seen == RunState.model_validate(at_time(found, said.at).state)
    assert [one.at for one in found] == sorted(one.at for one in found)


async def test_one_activity_more_is_explained() -> None:
    """Which event, what was recorded there, and what the code of today does."""
    recording = read(RECOVERED)
    found = difference(recording.history, await _replayed(RECOVERED, Changed))
    assert found is not None
    assert found.sentence == (
        'at event 5 recorded was: start the activity look ("Look at the regions from eu-west-1"); '
        'the code of today does: start the activity weather ("Ask for the weather")'
    )


async def test_code_that_fails_is_explained() -> None:
    """With the error's own words."""
    recording = read(RECOVERED)
    found = difference(recording.history, await _replayed(RECOVERED, Broken))
    assert found is not None
    assert (found.event, found.now) == (5, "fail: us-east-1")


@pytest.mark.parametrize("cut", [30, 60, 81, 120])
async def test_a_history_that_ends_in_the_middle_replays(cut: int) -> None:
    """A record is written before the run ends, so its history never has an end."""
    recording = read(RECOVERED)
    del recording.history.events[cut:]
    replayed = await Witness(ask=True).replay(recording.history)
    assert difference(recording.history, replayed) is None


def test_every_run_is_among_them() -> None:
    """The walks above are of every kind of run."""
    assert set(RUNS) == {read(path).workflow for path in HISTORIES} & RUNS
