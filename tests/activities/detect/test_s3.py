"""`detect.s3`: what it tells the planner."""

from tests.activities.calls import perform
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.s3 import pending, settings_of, stand_buckets


async def test_the_writer_knows_who_gets_copies(aws: World) -> None:
    """And how far each is behind, as far as CloudWatch tells."""
    stand_buckets(aws, "models")
    pending(aws, "models", HERE, 2)
    result = await perform("detect.s3", settings_of(aws, "models", HERE), within=10.0)
    assert result.reason == "It takes writes; 2 operations are pending in replication."
    assert result.reading is not None
    standby = result.reading.values["standbys"]["models-there"]  # type: ignore[index, call-overload]
    assert standby["state"] == "streaming"  # type: ignore[index, call-overload]


async def test_a_standby_takes_no_writes(aws: World) -> None:
    """What is pending is told where CloudWatch has it."""
    stand_buckets(aws, "models")
    result = await perform("detect.s3", settings_of(aws, "models", THERE), within=10.0)
    assert result.reason == "Writes are denied by decision 3; what is pending in replication is not known."
    assert result.reading is not None
    assert (result.reading.values["role"], result.reading.values["read_only"]) == ("standby", True)
