import asyncio
from contextlib import suppress

from lab.topology import Lab
from tests.activities.calls import ACTIVE, STANDBY, following, perform, valkey_ask


async def fill(lab: Lab) -> None:
    """Every type of value, large enough that two servers keep them in different orders; some in another database."""
    for kind in ("SADD", "ZADD", "HSET", "RPUSH"):
        members = [str(n) for n in range(600)]
        pairs = [part for member in members for part in (member, f"{member}-value")]
        scored = [part for member in members for part in (member, member)]
        words = {"ZADD": scored, "HSET": pairs}.get(kind, members)
        await valkey_ask(lab, ACTIVE, kind, kind.lower(), *words)
    await valkey_ask(lab, ACTIVE, "XADD", "stream", "1-1", "field", "value")
    await valkey_ask(lab, ACTIVE, "SET", "text", "value", "EX", 1000)
    for number in range(1200):
        await valkey_ask(lab, ACTIVE, "SET", f"key-{number}", number)
    await valkey_ask(lab, ACTIVE, "SET", "elsewhere", "value", db=3)


async def break_replica(lab: Lab, *command: str) -> None:
    """Have the replica hold something that its primary does not."""
    await valkey_ask(lab, STANDBY, "CONFIG", "SET", "replica-read-only", "no")
    await valkey_ask(lab, STANDBY, *command)


async def test_a_replica_is_equal(caches: Lab) -> None:
    """Every key of every database and type; a second comparison says the same."""
    await fill(caches)
    await perform("catch_up.valkey", following(caches, STANDBY, ACTIVE))
    for _ in range(2):
        result = await perform("compare.valkey", following(caches, STANDBY, ACTIVE))
        assert (result.changed, result.proved) == (False, True)
        assert result.reason.startswith("All 1207 keys are the same")


async def test_what_differs_is_named(caches: Lab) -> None:
    """A value, an expiry, a key too many, and one too few."""
    await fill(caches)
    await perform("catch_up.valkey", following(caches, STANDBY, ACTIVE))
    for command in (
        ("HSET", "hset", "7", "other"),
        ("EXPIRE", "text", "5000"),
        ("SET", "more", "1"),
        ("DEL", "key-1"),
    ):
        await break_replica(caches, *command)
    result = await perform("compare.valkey", following(caches, STANDBY, ACTIVE))
    assert (result.changed, result.proved) == (False, False)
    assert result.after["names"] == ["0/hset", "0/key-1", "0/more", "0/text"]
    assert "4 of 1208 keys differ" in result.reason


async def test_it_goes_on_while_the_primary_is_written(caches: Lab) -> None:
    """What is on its way is no difference."""
    await fill(caches)

    async def write() -> None:
        while True:
            await valkey_ask(caches, ACTIVE, "INCR", "counter")

    writer = asyncio.create_task(write())
    try:
        assert (await perform("compare.valkey", following(caches, STANDBY, ACTIVE))).proved
    finally:
        writer.cancel()
        with suppress(asyncio.CancelledError):
            await writer
