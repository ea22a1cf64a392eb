import asyncio
import time
from typing import Any

import pytest
from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

from activities.errors import StepError
from lab.freezing import freeze
from lab.processes import Processes
from lab.regions import heal, kill
from lab.switches import Switches
from lab.topology import CACHE, Lab
from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, powered_valkey, refused, valkey, valkey_ask
from tests.lab.machine import processes_of

REFUSED = "NOREPLICAS"


def application(lab: Lab) -> Valkey:
    """The application's own client."""
    place = lab.region(ACTIVE)
    return Valkey(host=place.address, port=place.cache_port, password=lab.password(CACHE), socket_timeout=2)


async def undone(settings: dict[str, Any], before: dict[str, Any], **more: Any) -> StepResult:
    """The fence taken back."""
    return await perform("fence.valkey.undo", settings, before=before, **more)


async def writes(lab: Lab, region: str = ACTIVE) -> bool:
    """Whether the cache takes a write."""
    try:
        await valkey_ask(lab, region, "SET", "written", "1")
    except StepError:
        return False
    return True


async def test_a_live_primary_takes_no_more_writes(caches: Lab) -> None:
    """Open sessions are refused, scripts and transactions that were begun too; reads and replicas go on."""
    async with application(caches) as client, client.pipeline() as transaction:
        await client.set("key", "before")
        transaction.set("key", "queued")
        result = await perform("fence.valkey", valkey(caches, ACTIVE))
        assert (result.changed, result.proved, result.after["epoch"]) == (True, True, EPOCH)
        for write in (
            lambda: client.set("key", "after"),
            lambda: client.eval("return redis.call('SET', KEYS[1], 'after')", 1, "key"),
            transaction.execute,
        ):
            with pytest.raises(ValkeyError, match=REFUSED):
                await write()
        assert await client.get("key") == b"before"
        assert (await client.info("replication"))["min_slaves_good_slaves"] == 2


async def test_writers_that_never_give_up_are_kept_out(caches: Lab) -> None:
    """Nothing is written after the fence is proved."""
    fenced = asyncio.Event()

    async def insist() -> int:
        late = 0
        async with application(caches) as client:
            while not fenced.is_set():
                try:
                    sure = fenced.is_set()
                    await client.incr("written")
                    late += sure
                except ValkeyError:
                    await asyncio.sleep(0)
        return late

    writers = [asyncio.create_task(insist()) for _ in range(4)]
    result = await perform("fence.valkey", valkey(caches, ACTIVE))
    count = await valkey_ask(caches, ACTIVE, "GET", "written")
    fenced.set()
    assert sum(await asyncio.gather(*writers)) == 0
    assert result.proved
    assert await valkey_ask(caches, ACTIVE, "GET", "written") == count


async def test_a_second_fence_changes_nothing_but_is_kept(caches: Lab) -> None:
    """It says that it is fenced already, since a write was just refused; the server takes the note all the same."""
    await perform("fence.valkey", valkey(caches, ACTIVE))
    again = await perform("fence.valkey", valkey(caches, ACTIVE), epoch=EPOCH + 1)
    assert (again.changed, again.proved) == (False, True)
    assert "fenced already" in again.reason
    assert again.after["direct"] == {**again.before["direct"], "epoch": EPOCH + 1}
    assert again.after["direct"]["since"] == EPOCH
    assert not await writes(caches)


async def test_the_fence_outlives_a_restart(caches: Lab) -> None:
    """Killed and started again, the old primary still refuses, and a fence finds nothing to do."""
    await perform("fence.valkey", valkey(caches, ACTIVE))
    await kill(caches, ACTIVE)
    (told,) = await heal(caches, ACTIVE)
    assert told == f"cache.{ACTIVE} is up again as a former primary that refuses every write."
    assert not await writes(caches)
    assert (await perform("fence.valkey", valkey(caches, ACTIVE))).changed is False


@pytest.mark.parametrize("number", [999_999_999, 1_000_000_000])
async def test_a_fence_that_was_left_half_done_is_finished(caches: Lab, number: int) -> None:
    """In force but not yet in the file, or without the lag that makes it count: it is put up again."""
    lag = 10 if number < 1_000_000_000 else 0
    await valkey_ask(caches, ACTIVE, "CONFIG", "SET", "min-replicas-to-write", number, "min-replicas-max-lag", lag)
    result = await perform("fence.valkey", valkey(caches, ACTIVE))
    assert (result.changed, result.proved) == (True, True)
    assert not await writes(caches)


async def limits_of(lab: Lab) -> dict[bytes, bytes]:
    """The active cache's limits by name: the server gives them in any order."""
    flat = await valkey_ask(lab, ACTIVE, "CONFIG", "GET", "min-replicas-*")
    return dict(zip(flat[::2], flat[1::2], strict=True))


async def test_undo_brings_back_what_was_before(caches: Lab) -> None:
    """The application's limits are as they were, in force and after a restart; a second undo changes nothing."""
    await valkey_ask(caches, ACTIVE, "CONFIG", "SET", "min-replicas-to-write", 1, "min-replicas-max-lag", 7)
    fence = await perform("fence.valkey", valkey(caches, ACTIVE))
    assert not await writes(caches)
    result = await undone(valkey(caches, ACTIVE), fence.before)
    assert (result.changed, result.proved) == (True, True)
    assert await writes(caches)
    limits = {b"min-replicas-to-write": b"1", b"min-replicas-max-lag": b"7"}
    assert await limits_of(caches) == limits
    assert (await undone(valkey(caches, ACTIVE), fence.before)).changed is False
    await kill(caches, ACTIVE)
    await heal(caches, ACTIVE)
    assert await limits_of(caches) == limits


async def test_undo_lifts_its_own_fence_only(caches: Lab) -> None:
    """One that an older decision put up stays, and the older run cannot lift it any more."""
    older = await perform("fence.valkey", valkey(caches, ACTIVE), epoch=EPOCH - 1)
    found = await perform("fence.valkey", valkey(caches, ACTIVE))
    assert (await undone(valkey(caches, ACTIVE), found.before)).changed is False
    assert not await writes(caches)
    stale = {"before": older.before, "epoch": EPOCH - 1}
    await refused("fence.valkey.undo", valkey(caches, ACTIVE), ErrorType.STALE_EPOCH, **stale)
    assert not await writes(caches)


async def test_undo_lifts_the_fence_of_an_act_that_was_repeated(caches: Lab) -> None:
    """The second attempt saw the fence of the first one before it: it is this decision's all the same."""
    await perform("fence.valkey", valkey(caches, ACTIVE))
    repeated = await perform("fence.valkey", valkey(caches, ACTIVE))
    assert (await undone(valkey(caches, ACTIVE), repeated.before)).changed is True
    assert await writes(caches)


async def test_a_server_without_memory_is_fenced_all_the_same(caches: Lab) -> None:
    """It keeps no note then; its own run lifts the fence, since it saw none before."""
    await valkey_ask(caches, ACTIVE, "CONFIG", "SET", "maxmemory", 1)
    fence = await perform("fence.valkey", valkey(caches, ACTIVE))
    assert (fence.changed, fence.proved, fence.after["direct"]["epoch"]) == (True, True, None)
    assert (await undone(valkey(caches, ACTIVE), fence.before)).changed is True
    await valkey_ask(caches, ACTIVE, "CONFIG", "SET", "maxmemory", 0)
    assert await writes(caches)


async def test_a_newer_decision_keeps_a_server_off(powered_caches: Lab) -> None:
    """Neither the run that switched it off gives it its power back, nor the one that found it so."""
    settings = powered_valkey(powered_caches, ACTIVE)
    await kill(powered_caches, ACTIVE)
    older = await perform("fence.valkey", settings)
    found = await perform("fence.valkey", settings, epoch=EPOCH + 1)
    assert (older.changed, found.changed, found.proved) == (True, False, True)
    await refused("fence.valkey.undo", settings, ErrorType.STALE_EPOCH, before=older.before)
    assert (await undone(settings, {}, epoch=EPOCH + 1)).changed is False
    switch = Switches(powered_caches.home).read(f"cache.{ACTIVE}")
    assert (switch.state, switch.epoch, switch.since) == ("off", EPOCH + 1, EPOCH)


async def test_a_lost_answer_can_be_undone(caches: Lab) -> None:
    """Nobody knows what was before: Valkey's own limits are brought back."""
    await perform("fence.valkey", valkey(caches, ACTIVE))
    assert (await undone(valkey(caches, ACTIVE), {})).changed is True
    assert await writes(caches)


async def test_a_stale_decision_is_refused(caches: Lab) -> None:
    """The cache has kept a newer one."""
    fence = await perform("fence.valkey", valkey(caches, ACTIVE), epoch=EPOCH + 1)
    await undone(valkey(caches, ACTIVE), fence.before, epoch=EPOCH + 1)
    await refused("fence.valkey", valkey(caches, ACTIVE), ErrorType.STALE_EPOCH)
    assert await writes(caches)


async def test_a_replica_is_left_alone(powered_caches: Lab) -> None:
    """There is nothing to fence on a replica, even when its power could be switched off."""
    result = await perform("fence.valkey", powered_valkey(powered_caches, STANDBY))
    assert (result.changed, result.proved) == (False, True)
    assert Switches(powered_caches.home).read(f"cache.{STANDBY}").state == "on"


async def test_a_dead_server_is_switched_off_and_on_again(powered_caches: Lab) -> None:
    """It cannot come back while it is off; the undo gives it its power back, and it takes writes."""
    await kill(powered_caches, ACTIVE)
    began = time.monotonic()
    result = await perform("fence.valkey", powered_valkey(powered_caches, ACTIVE))
    assert time.monotonic() - began < 4.0
    assert (result.changed, result.proved) == (True, True)
    again = await perform("fence.valkey", powered_valkey(powered_caches, ACTIVE))
    assert (again.changed, again.proved) == (False, True)
    (told,) = await heal(powered_caches, ACTIVE)
    assert f"switched off by the power controller (epoch {EPOCH})" in told
    back = await undone(powered_valkey(powered_caches, ACTIVE), again.before)
    assert (back.changed, back.reason) == (True, "It takes writes again: it was switched on.")
    assert await writes(powered_caches)
    assert (await undone(powered_valkey(powered_caches, ACTIVE), again.before)).changed is False


async def test_a_frozen_server_is_switched_off(powered_caches: Lab) -> None:
    """One that takes connections and says nothing is given up after `connect_timeout`, and killed."""
    server = Processes(powered_caches).find(ACTIVE, CACHE)
    assert server is not None
    freeze([server])
    result = await perform("fence.valkey", powered_valkey(powered_caches, ACTIVE, connect_timeout=0.3))
    assert (result.changed, result.proved) == (True, True)
    assert [line for line in processes_of(powered_caches.cache_folder(ACTIVE)) if "valkey-server" in line] == []


@pytest.mark.parametrize("without", ["config|set", "multi"])
async def test_a_user_who_may_not_fence_needs_the_power(powered_caches: Lab, without: str) -> None:
    """Without it the check says what is missing; with it the server is switched off."""
    rights = ("ON", "NOPASS", "~*", "+@all", f"-{without}")
    await valkey_ask(powered_caches, ACTIVE, "ACL", "SETUSER", "reader", *rights)
    reader = {"user": "reader", "password": "env://PATH"}
    unready = await perform("fence.valkey.check", valkey(powered_caches, ACTIVE, **reader))
    assert (unready.proved, "may not change its configuration" in unready.reason) == (False, True)
    await refused("fence.valkey", valkey(powered_caches, ACTIVE, **reader), ErrorType.DENIED)
    result = await perform("fence.valkey", powered_valkey(powered_caches, ACTIVE, **reader))
    assert (result.changed, result.proved) == (True, True)
    assert "It was switched off by its power controller. By command it failed" in result.reason


async def test_check_says_whether_it_could_be_fenced(caches: Lab) -> None:
    """Ready while it answers; not ready when it is gone and nothing can switch it off."""
    assert (await perform("fence.valkey.check", valkey(caches, ACTIVE))).proved is True
    await kill(caches, ACTIVE)
    unready = await perform("fence.valkey.check", valkey(caches, ACTIVE))
    assert (unready.proved, "refuses connections" in unready.reason) == (False, True)
    result = await perform("fence.valkey", valkey(caches, ACTIVE))
    assert (result.changed, result.proved) == (False, False)
