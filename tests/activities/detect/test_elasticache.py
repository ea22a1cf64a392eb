"""`detect.elasticache`: what it tells the planner."""

from tests.activities.calls import perform
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.elasticache import lagging, settings_of, stand_datastore


async def test_the_primary_knows_its_secondaries(aws: World) -> None:
    """By the name that the planner gives them."""
    stand_datastore(aws, "sessions")
    result = await perform("detect.elasticache", settings_of(aws, "sessions", HERE), within=10.0)
    assert result.reason == "It is the primary; its secondaries: eu-west-1:sessions-there."
    assert result.reading is not None
    assert list(result.reading.values["standbys"]) == ["eu-west-1:sessions-there"]  # type: ignore[arg-type]


async def test_the_worst_node_counts(aws: World) -> None:
    """A secondary is as far behind as its slowest node says."""
    stand_datastore(aws, "sessions")
    lagging(aws, "sessions", 2.0)
    result = await perform("detect.elasticache", settings_of(aws, "sessions", THERE), within=10.0)
    assert result.reason == "It is a secondary; it was 2 s behind."
    assert result.reading is not None
    values = result.reading.values
    assert (values["role"], values["streaming"], values["lag_seconds"]) == ("standby", True, 2.0)


async def test_what_left_its_datastore_takes_writes(aws: World) -> None:
    """The single-writer probe must count it."""
    stand_datastore(aws, "sessions")
    aws.tell("elasticache", apart=[[THERE, "sessions-there"]])
    result = await perform("detect.elasticache", settings_of(aws, "sessions", THERE), within=10.0)
    assert result.reading is not None
    assert (result.reading.values["role"], result.reading.values["read_only"]) == ("primary", False)
