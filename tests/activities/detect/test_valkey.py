import time

from lab.freezing import freeze
from lab.killing import MARK
from lab.processes import Processes
from lab.regions import kill
from lab.topology import CACHE, Lab
from runbooks.facts import DataValues
from runbooks.kind import known_as
from runbooks.kinds import KINDS
from runbooks.steps import Reading
from tests.activities.calls import ACTIVE, STANDBY, perform, valkey, valkey_ask
from tests.lab.started import until

THIRD = "ap-southeast-1"


async def look(settings: dict[str, object]) -> tuple[Reading, DataValues]:
    """The reading and its values; they are empty when there is nothing to see."""
    result = await perform("detect.valkey", settings)
    assert result.reading is not None
    assert result.changed is False
    return result.reading, DataValues.model_validate({"role": "none", **result.reading.values})


async def test_a_primary_shows_its_replicas(caches: Lab) -> None:
    """By the name that the kind gives them, streaming; and it takes writes."""
    reading, values = await look(valkey(caches, ACTIVE))
    assert (reading.state, values.role, values.writable, values.epoch) == ("healthy", "primary", True, None)
    names = {known_as(KINDS["valkey"], valkey(caches, region)) for region in (STANDBY, THIRD)}
    assert set(values.standbys) == names
    assert {standby.state for standby in values.standbys.values()} == {"streaming"}


async def test_a_replica_has_what_the_primary_had(caches: Lab) -> None:
    """The same offset, nothing behind, and it has heard of its primary just now."""
    await valkey_ask(caches, ACTIVE, "SET", "key", "value")
    _, primary = await look(valkey(caches, ACTIVE))

    async def same_position() -> bool:
        return (await look(valkey(caches, STANDBY)))[1].position >= primary.position

    await until(same_position)
    reading, values = await look(valkey(caches, STANDBY))
    assert (reading.state, values.role, values.streaming, values.lag_bytes) == ("healthy", "standby", True, 0)
    assert values.timeline == primary.timeline
    assert values.last_commit_at is not None
    assert 0 < time.time() - values.last_commit_at < 10


async def test_a_replica_alone_receives_nothing(caches: Lab) -> None:
    """After the primary is gone its lag in bytes is unknown; how long it heard nothing is overstated, never less."""
    await valkey_ask(caches, ACTIVE, "SET", "key", "value")
    killed_at = time.time()
    await kill(caches, ACTIVE)

    async def alone() -> bool:
        _, values = await look(valkey(caches, STANDBY))
        return not values.streaming and values.lag_bytes is None

    await until(alone)
    reading, values = await look(valkey(caches, STANDBY))
    assert "receives nothing" in reading.reason
    assert values.last_commit_at is not None
    assert values.last_commit_at < killed_at


async def test_a_primary_without_the_replicas_that_it_waits_for_is_read_only(caches: Lab) -> None:
    """It takes no writes, whoever has set the limit."""
    await valkey_ask(caches, ACTIVE, "CONFIG", "SET", "min-replicas-to-write", 3)
    reading, values = await look(valkey(caches, ACTIVE))
    assert (values.role, values.read_only, values.writable) == ("primary", True, False)
    assert "read-only" in reading.reason


async def test_a_refused_connection_is_a_reading(closed: int) -> None:
    """Unhealthy, in milliseconds."""
    began = time.monotonic()
    reading, _ = await look({"host": "127.0.0.1", "port": closed, "connect_timeout": 30})
    assert time.monotonic() - began < 5.0
    assert reading.state == "unhealthy"
    assert "nothing listens there" in reading.reason


async def test_silence_is_a_reading(mute: int) -> None:
    """Unhealthy, after its short bound."""
    began = time.monotonic()
    reading, _ = await look({"host": "127.0.0.1", "port": mute, "connect_timeout": "200ms", "password": "env://PATH"})
    assert time.monotonic() - began < 5.0
    assert reading.state == "unhealthy"
    assert reading.reason.endswith("gave no answer within 0.2 s.")


async def test_a_frozen_server_is_unhealthy(caches: Lab) -> None:
    """The connection opens, and no answer comes."""
    server = Processes(caches).find(ACTIVE, CACHE)
    assert server is not None
    freeze([server])
    reading, _ = await look(valkey(caches, ACTIVE, connect_timeout="200ms"))
    assert reading.state == "unhealthy"


async def test_our_own_fault_is_not_the_servers(caches: Lab) -> None:
    """Without a password or as an unknown user its health is unknown: a broken probe is no dead region."""
    for fault in ({"password": None}, {"user": "nobody"}):
        reading, _ = await look(valkey(caches, ACTIVE) | fault)
        assert reading.state == "unknown"


async def test_its_environment_says_whose_it_is(caches: Lab) -> None:
    """Whatever a cache leaves behind is found by its mark, also when it is no longer in the register."""
    server = Processes(caches).find(ACTIVE, CACHE)
    assert server is not None
    assert server.environ()[MARK].endswith(f"#{ACTIVE}")
    assert caches.password(CACHE) not in " ".join(server.cmdline())
