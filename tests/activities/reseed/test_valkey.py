import asyncio
from pathlib import Path

from lab.manager import running
from lab.regions import heal, kill
from lab.switches import Switches
from lab.topology import Lab, LabSpec
from runbooks.steps import ErrorType
from tests.activities.calls import (
    ACTIVE,
    EPOCH,
    STANDBY,
    following,
    perform,
    powered_valkey,
    refused,
    valkey,
    valkey_ask,
)

THIRD = "ap-southeast-1"


async def test_a_fenced_former_primary_follows_its_successor(caches: Lab) -> None:
    """What only it had is gone, what the successor has is there, and it needs no fence any more."""
    await perform("fence.valkey", valkey(caches, ACTIVE))
    await perform("promote.valkey", valkey(caches, STANDBY))
    await valkey_ask(caches, ACTIVE, "CONFIG", "SET", "min-replicas-to-write", 0)
    await valkey_ask(caches, ACTIVE, "SET", "orphan", "1")
    await valkey_ask(caches, ACTIVE, "CONFIG", "SET", "min-replicas-to-write", 1_000_000_000)
    await valkey_ask(caches, STANDBY, "SET", "new", "1")
    result = await perform("reseed.valkey", following(caches, ACTIVE, STANDBY))
    assert (result.changed, result.proved) == (True, True)
    assert "was primary at offset" in result.reason
    assert await valkey_ask(caches, ACTIVE, "MGET", "orphan", "new") == [None, b"1"]
    again = await perform("reseed.valkey", following(caches, ACTIVE, STANDBY))
    assert (again.changed, "follows" in again.reason) == (False, True)
    assert (await perform("compare.valkey", following(caches, ACTIVE, STANDBY))).proved


async def test_it_comes_back_as_a_replica(caches: Lab) -> None:
    """The reseed is in its own file, and its fence is not."""
    await perform("fence.valkey", valkey(caches, ACTIVE))
    await perform("promote.valkey", valkey(caches, STANDBY))
    await perform("reseed.valkey", following(caches, ACTIVE, STANDBY))
    await kill(caches, ACTIVE)
    assert await heal(caches, ACTIVE) == (f"cache.{ACTIVE} is up again as replica.",)
    await perform("catch_up.valkey", following(caches, ACTIVE, STANDBY))  # it may take a whole copy first
    await perform("promote.valkey", valkey(caches, ACTIVE), epoch=EPOCH + 1)
    assert await valkey_ask(caches, ACTIVE, "SET", "key", "value") == b"OK"


async def test_another_replica_changes_over(caches: Lab) -> None:
    """In a third region, to the one that was promoted."""
    await kill(caches, ACTIVE)
    await perform("promote.valkey", valkey(caches, STANDBY))
    await valkey_ask(caches, STANDBY, "SET", "new", "1")
    assert (await perform("reseed.valkey", following(caches, THIRD, STANDBY))).changed is True
    assert await valkey_ask(caches, THIRD, "GET", "new") == b"1"


async def test_one_that_was_switched_off_gets_its_power_back(powered_caches: Lab) -> None:
    """It comes up isolated, and then follows: there is no moment with two writers."""
    lab = powered_caches
    await kill(lab, ACTIVE)
    await perform("fence.valkey", powered_valkey(lab, ACTIVE))
    await perform("promote.valkey", valkey(lab, STANDBY))
    settings = powered_valkey(lab, ACTIVE, upstream=valkey(lab, STANDBY))
    result = await perform("reseed.valkey", settings)
    assert (result.changed, "it was switched on" in result.reason) == (True, True)
    assert Switches(lab.home).read(f"cache.{ACTIVE}").state == "on"
    assert (await perform("reseed.valkey", settings)).changed is False


async def test_one_that_was_switched_on_by_a_try_before_is_waited_for(powered_caches: Lab) -> None:
    """That try was killed before the server was up: the next one must not take it for a dead one."""
    lab = powered_caches
    await kill(lab, ACTIVE)
    await perform("fence.valkey", powered_valkey(lab, ACTIVE))
    await perform("promote.valkey", valkey(lab, STANDBY))
    with Switches(lab.home).locked():
        Switches(lab.home).set(f"cache.{ACTIVE}", "on", EPOCH)
    settings = powered_valkey(lab, ACTIVE, upstream=valkey(lab, STANDBY))
    reseed = asyncio.create_task(perform("reseed.valkey", settings))
    done, _ = await asyncio.wait({reseed}, timeout=0.5)
    assert not done
    await heal(lab, ACTIVE)
    assert (await reseed).changed is True


async def test_one_that_another_decision_switched_on_is_not_waited_for(powered_caches: Lab) -> None:
    """It is dead, and somebody has to look at it."""
    lab = powered_caches
    await kill(lab, ACTIVE)
    await perform("promote.valkey", valkey(lab, STANDBY))
    with Switches(lab.home).locked():
        Switches(lab.home).set(f"cache.{ACTIVE}", "off", EPOCH - 2)
        Switches(lab.home).set(f"cache.{ACTIVE}", "on", EPOCH - 1)
    settings = powered_valkey(lab, ACTIVE, upstream=valkey(lab, STANDBY))
    await refused("reseed.valkey", settings, ErrorType.UNREACHABLE)


async def test_the_newer_data_are_never_destroyed(caches: Lab) -> None:
    """The former primary is not taken for the successor, whatever the settings say; and only a primary is followed."""
    await perform("promote.valkey", valkey(caches, STANDBY))
    sentence = await refused("reseed.valkey", following(caches, STANDBY, ACTIVE), ErrorType.WRONG_STATE)
    assert "its data are the newer ones" in sentence
    assert (await valkey_ask(caches, STANDBY, "ROLE"))[0] == b"master"
    sentence = await refused("reseed.valkey", following(caches, ACTIVE, THIRD), ErrorType.WRONG_STATE)
    assert "is no primary" in sentence


async def test_a_dead_server_with_power_is_an_error(tmp_path: Path) -> None:
    """Nothing can be done about it from here; it is tried again."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"cache"}))) as lab:
        await kill(lab, ACTIVE)
        await perform("promote.valkey", valkey(lab, STANDBY))
        await refused("reseed.valkey", following(lab, ACTIVE, STANDBY), ErrorType.UNREACHABLE)
