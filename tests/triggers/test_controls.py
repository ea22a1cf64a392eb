"""The kill switch, engaged and released from the door."""

import time

import pytest

from runbooks.controls import KillSwitch, Release
from tests.triggers.conftest import Door
from triggers.controls import engage_kill_switch, kill_switch_state, release_kill_switch
from triggers.errors import NoSuchRunError
from worker.settings import Settings

RELEASE = Release(by="bob", reason="repaired", at=1.0)


def _settings(door: Door) -> Settings:
    return Settings(home=door.home, task_queue=door.queue)


def _switch(door: Door) -> KillSwitch:
    return KillSwitch(by="ann", reason="the link is being repaired", at=time.time(), scope=door.name)


async def test_engaged_twice_it_is_one_and_released_it_is_gone(door: Door) -> None:
    """The first who engages it is its name; the release ends it, and a second release finds nothing."""
    assert await kill_switch_state(door.client, door.name) == ()
    assert await engage_kill_switch(door.client, _settings(door), _switch(door))
    again = _switch(door).model_copy(update={"by": "eve"})
    assert not await engage_kill_switch(door.client, _settings(door), again)
    (engaged,) = await kill_switch_state(door.client, door.name)
    assert (engaged.by, engaged.scope) == ("ann", door.name)
    assert await kill_switch_state(door.client, "another") == ()
    assert await release_kill_switch(door.client, RELEASE, door.name)
    assert await kill_switch_state(door.client, door.name) == ()
    with pytest.raises(NoSuchRunError, match="is not engaged: nothing to release"):
        await release_kill_switch(door.client, RELEASE, door.name)


async def test_it_is_engaged_and_seen_without_any_worker(lonely_door: Door) -> None:
    """Its release waits for one."""
    door = lonely_door
    assert await engage_kill_switch(door.client, _settings(door), _switch(door))
    (engaged,) = await kill_switch_state(door.client, door.name)
    assert engaged.reason == "the link is being repaired"
    assert not await release_kill_switch(door.client, RELEASE, door.name, patience=0.2)
    await door.client.get_workflow_handle(f"evac/kill-switch/{door.name}").terminate()
