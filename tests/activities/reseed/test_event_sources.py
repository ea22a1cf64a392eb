"""`reseed.event_sources`: what the conformance suite does not try."""

from runbooks.steps import ErrorType
from tests.activities.calls import refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.event_sources import stand_consumers


async def test_the_last_consumer_is_never_stopped(aws: World) -> None:
    """A standby of what consumes nothing would leave nobody who does."""
    stand_consumers(aws, "worker")
    settings = aws.settings(HERE, function="worker", upstream=aws.settings(THERE, function="worker"))
    sentence = await refused("reseed.event_sources", settings, ErrorType.WRONG_STATE, within=10.0)
    assert sentence == (
        "The function worker in eu-west-1 consumes nothing itself: switched off here, too, nobody would."
    )
