from lab.topology import Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY, perform, refused, valkey, valkey_ask


async def test_a_key_is_written_and_read_back(caches: Lab) -> None:
    """Under one name for each runbook, which goes by itself; a second time it is the same."""
    for _ in range(2):
        result = await perform("verify.valkey", valkey(caches, ACTIVE))
        assert (result.proved, result.after["key"]) == (True, "evac:probe:book")
    assert await valkey_ask(caches, ACTIVE, "KEYS", "*") == [b"evac:probe:book"]
    assert await valkey_ask(caches, ACTIVE, "TTL", "evac:probe:book") > 0


async def test_a_replica_and_a_fenced_primary_take_no_writes(caches: Lab) -> None:
    """It is tried again, and the sentence says why."""
    sentence = await refused("verify.valkey", valkey(caches, STANDBY), ErrorType.NOT_YET)
    assert "takes no writes: It is a replica" in sentence
    await perform("fence.valkey", valkey(caches, ACTIVE))
    sentence = await refused("verify.valkey", valkey(caches, ACTIVE), ErrorType.NOT_YET)
    assert "read-only" in sentence


async def test_check_writes_nothing(caches: Lab) -> None:
    """It says whether it could."""
    assert (await perform("verify.valkey.check", valkey(caches, ACTIVE))).proved is True
    assert (await perform("verify.valkey.check", valkey(caches, STANDBY))).proved is False
    assert await valkey_ask(caches, ACTIVE, "DBSIZE") == 0
