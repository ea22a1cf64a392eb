"""`reseed.dynamodb`: what the conformance suite does not try."""

from runbooks.steps import ErrorType
from tests.activities.calls import refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.dynamodb import stand_table


async def test_the_last_writer_is_never_fenced(aws: World) -> None:
    """A standby of what takes no writes itself would leave nobody who does."""
    stand_table(aws, "orders")
    settings = aws.settings(HERE, table="orders", upstream=aws.settings(THERE, table="orders"))
    sentence = await refused("reseed.dynamodb", settings, ErrorType.WRONG_STATE, within=10.0)
    assert sentence == "The table orders in eu-west-1 takes no writes itself: fenced too, there would be no writer."
