"""`catch_up.event_sources`: what the conformance suite does not try."""

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.event_sources import stand_consumers


async def test_while_the_other_one_is_meant_to_go_on_there_is_nothing_to_wait_for(aws: World) -> None:
    """It holds no data."""
    stand_consumers(aws, "worker")
    upstream = aws.settings(HERE, function="worker")
    settings = aws.settings(THERE, function="worker", upstream=upstream)
    result = await perform("catch_up.event_sources", settings, within=10.0)
    assert (result.changed, result.reason) == (False, "It holds no data: it lacks nothing.")
    sentence = await refused("catch_up.event_sources", {**settings, "exact": True}, ErrorType.WRONG_STATE, within=10.0)
    assert sentence == "The function worker in us-east-1 still consumes. Fence it first."
