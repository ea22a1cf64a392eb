from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.databases import rds, stand_primary, stand_replica, tell_lag
from tests.aws.world import HERE, THERE, World


def pair(aws: World, **more: Any) -> dict[str, Any]:
    """A primary and its replica."""
    stand_primary(aws, "llm")
    stand_replica(aws, "llm")
    return rds(aws, "llm", THERE, upstream=rds(aws, "llm", HERE), **more)


async def test_near_is_a_matter_of_seconds(aws: World) -> None:
    """RDS tells no bytes: what the planner says of them is not asked."""
    settings = pair(aws, within_bytes=1024, near=5)
    tell_lag(aws, "llm", 4.0)
    result = await perform("catch_up.rds", settings, within=20)
    assert (result.changed, result.reason) == (False, "llm is 4.0 s behind, which is near enough.")


async def test_too_far_behind_is_said_with_numbers(aws: World) -> None:
    """It stays to be tried again."""
    settings = pair(aws, within_bytes=1024)
    tell_lag(aws, "llm", 400.0)
    sentence = await refused("catch_up.rds", settings, ErrorType.NOT_YET, within=3.0)
    assert sentence == "llm is 400.0 s behind, and should have all but 60 s: look at its replication."


async def test_what_was_never_measured_is_not_near(aws: World) -> None:
    """Unknown is never taken for good."""
    sentence = await refused("catch_up.rds", pair(aws), ErrorType.NOT_YET, within=3.0)
    assert sentence.startswith("llm is behind by an amount that CloudWatch has not told for an hour")


async def test_exactly_everything_needs_a_fence(aws: World) -> None:
    """An unfenced primary writes on."""
    sentence = await refused("catch_up.rds", pair(aws, exact=True), ErrorType.WRONG_STATE, within=20)
    assert sentence == "llm is not fenced, and may write on: fence it first."


async def test_a_lag_of_before_the_fence_proves_nothing(aws: World) -> None:
    """A replica was 0 s behind a minute ago; since then something may have been written."""
    settings = pair(aws, exact=True)
    tell_lag(aws, "llm", 0.0, ago=60)
    await perform("fence.rds", settings["upstream"], within=20)
    sentence = await refused("catch_up.rds", settings, ErrorType.NOT_YET, within=3.0)
    assert sentence.startswith("llm is 0.0 s behind, and should have everything from before the fence")


async def test_postgres_counts_from_its_newest_transaction(aws: World) -> None:
    """Behind a fence its lag grows: 20 s behind, as of 30 s after the fence, is a transaction of after the fence."""
    settings = pair(aws, exact=True)
    await perform("fence.rds", settings["upstream"], within=20)
    tell_lag(aws, "llm", 20.0, ago=-30)
    result = await perform("catch_up.rds", settings, within=20)
    assert result.reason == "llm has everything from before the fence."
