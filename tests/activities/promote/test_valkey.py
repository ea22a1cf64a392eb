from lab.regions import heal, kill
from lab.topology import Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, following, perform, refused, valkey, valkey_ask

THIRD = "ap-southeast-1"


async def test_after_a_kill_it_takes_writes_at_once(caches: Lab) -> None:
    """It has been through one promotion more, and keeps the decision; a second promotion changes nothing."""
    await kill(caches, ACTIVE)
    result = await perform("promote.valkey", valkey(caches, STANDBY))
    assert await valkey_ask(caches, STANDBY, "SET", "key", "value") == b"OK"
    assert (result.changed, result.after["role"], result.after["epoch"]) == (True, "primary", EPOCH)
    assert (result.before["role"], result.before["timeline"], result.after["timeline"]) == ("standby", 1, 2)
    again = await perform("promote.valkey", valkey(caches, STANDBY))
    assert (again.changed, again.after["timeline"]) == (False, 2)
    assert "primary already" in again.reason


async def test_a_stale_decision_is_refused(caches: Lab) -> None:
    """A newer one was carried out here, or came with the data."""
    await perform("promote.valkey", valkey(caches, ACTIVE), epoch=EPOCH + 1)
    await perform("catch_up.valkey", following(caches, STANDBY, ACTIVE), epoch=EPOCH + 1)
    sentence = await refused("promote.valkey", valkey(caches, STANDBY), ErrorType.STALE_EPOCH)
    assert f"decision {EPOCH + 1}" in sentence
    assert (await valkey_ask(caches, STANDBY, "ROLE"))[0] == b"slave"


async def test_an_inherited_fence_is_removed(caches: Lab) -> None:
    """A replica that was a fenced primary once would refuse every write; it is gone from its file, too."""
    await kill(caches, ACTIVE)
    await valkey_ask(caches, STANDBY, "CONFIG", "SET", "min-replicas-to-write", 1_000_000_000)
    await valkey_ask(caches, STANDBY, "CONFIG", "REWRITE")
    result = await perform("promote.valkey", valkey(caches, STANDBY))
    assert "min-replicas-to-write (1000000000) was cleared" in result.reason
    assert await valkey_ask(caches, STANDBY, "SET", "key", "value") == b"OK"
    await kill(caches, STANDBY)
    await heal(caches, STANDBY)
    assert await valkey_ask(caches, STANDBY, "SET", "key", "value") == b"OK"


async def test_what_was_left_half_done_is_finished(caches: Lab) -> None:
    """A worker that died between the promotion and the note leaves no server that a stale decision could take."""
    await valkey_ask(caches, STANDBY, "REPLICAOF", "NO", "ONE")
    result = await perform("promote.valkey", valkey(caches, STANDBY))
    assert (result.changed, result.after["timeline"]) == (True, 2)
    await refused("promote.valkey", valkey(caches, STANDBY), ErrorType.STALE_EPOCH, epoch=EPOCH - 1)


async def test_it_comes_back_as_primary(caches: Lab) -> None:
    """With its data and its decision: the promotion is in its own file."""
    await valkey_ask(caches, ACTIVE, "SET", "key", "value")
    await perform("catch_up.valkey", following(caches, STANDBY, ACTIVE))
    await kill(caches, ACTIVE)
    await perform("promote.valkey", valkey(caches, STANDBY))
    await valkey_ask(caches, STANDBY, "WAITAOF", 1, 0, 1000)
    await kill(caches, STANDBY)
    (told,) = await heal(caches, STANDBY)
    assert told == f"cache.{STANDBY} is up again as primary."
    assert await valkey_ask(caches, STANDBY, "GET", "key") == b"value"
    await refused("promote.valkey", valkey(caches, STANDBY), ErrorType.STALE_EPOCH, epoch=EPOCH - 1)


async def test_in_a_planned_procedure_there_is_never_a_second_writer(caches: Lab) -> None:
    """While the old primary takes writes it is refused; after its fence nothing is missing."""
    settings = following(caches, STANDBY, ACTIVE)
    await valkey_ask(caches, ACTIVE, "SET", "key", "value")
    sentence = await refused("promote.valkey", settings, ErrorType.WRONG_STATE)
    assert "still takes writes" in sentence
    await perform("fence.valkey", valkey(caches, ACTIVE))
    assert (await perform("promote.valkey", settings)).changed is True
    assert await valkey_ask(caches, STANDBY, "GET", "key") == b"value"
    assert (await perform("promote.valkey", settings)).changed is False


async def test_in_a_planned_procedure_one_that_does_not_follow_is_not_promoted(caches: Lab) -> None:
    """It may lack anything."""
    await perform("fence.valkey", valkey(caches, ACTIVE))
    third = caches.region(THIRD)
    await valkey_ask(caches, STANDBY, "REPLICAOF", third.address, third.cache_port)
    sentence = await refused("promote.valkey", following(caches, STANDBY, ACTIVE), ErrorType.NOT_YET)
    assert "It must have everything" in sentence
    assert (await valkey_ask(caches, STANDBY, "ROLE"))[0] == b"slave"
