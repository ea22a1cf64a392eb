import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.catch_up.valkey import CatchUpValkey
from lab.freezing import freeze
from lab.processes import Processes
from lab.topology import CACHE, Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, call, following, perform, refused, valkey, valkey_ask

THIRD = "ap-southeast-1"


async def test_after_the_fence_the_replica_has_everything(caches: Lab) -> None:
    """Every write that was acknowledged is on it; a second time there is nothing to wait for."""
    for number in range(200):
        await valkey_ask(caches, ACTIVE, "SET", f"key-{number}", "x" * 1000)
    await perform("fence.valkey", valkey(caches, ACTIVE))
    result = await perform("catch_up.valkey", following(caches, STANDBY, ACTIVE))
    assert result.proved
    assert await valkey_ask(caches, STANDBY, "DBSIZE") == await valkey_ask(caches, ACTIVE, "DBSIZE")
    again = await perform("catch_up.valkey", following(caches, STANDBY, ACTIVE))
    assert (again.changed, again.proved) == (False, True)
    assert "has everything" in again.reason


async def test_it_waits_for_a_replica_that_is_behind(caches: Lab) -> None:
    """A replica that was frozen gets there as soon as it goes on."""
    server = Processes(caches).find(STANDBY, CACHE)
    assert server is not None
    freeze([server])
    await valkey_ask(caches, ACTIVE, "SET", "key", "value")
    settings = following(caches, STANDBY, ACTIVE, connect_timeout=10)
    waiting = asyncio.create_task(perform("catch_up.valkey", settings, within=10))
    await asyncio.sleep(0.3)  # it must be seen waiting
    assert not waiting.done()
    server.resume()
    result = await asyncio.wait_for(waiting, 10)
    assert (result.changed, result.proved) == (False, True)
    assert await valkey_ask(caches, STANDBY, "GET", "key") == b"value"


async def test_one_that_follows_another_never_catches_up(caches: Lab) -> None:
    """The sentence says whom it follows, and it is not tried again for ever."""
    await valkey_ask(caches, STANDBY, "REPLICAOF", "NO", "ONE")
    env = ActivityEnvironment()
    env.info = replace(env.info, start_to_close_timeout=timedelta(seconds=0.5))
    made = call("catch_up.valkey", following(caches, THIRD, STANDBY))
    began = time.monotonic()
    with pytest.raises(ApplicationError, match=r"It follows .*, and not .* reseed it first") as caught:
        await env.run(CatchUpValkey(Path("nowhere")).run, made)
    assert caught.value.type == ErrorType.WRONG_STATE.value
    assert time.monotonic() - began < 2


async def test_a_stale_decision_is_refused(caches: Lab) -> None:
    """The primary has kept a newer one."""
    await perform("promote.valkey", valkey(caches, ACTIVE), epoch=EPOCH + 1)
    await refused("catch_up.valkey", following(caches, STANDBY, ACTIVE), ErrorType.STALE_EPOCH)
