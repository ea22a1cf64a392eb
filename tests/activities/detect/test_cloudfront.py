from runbooks.facts import DnsValues
from runbooks.steps import Reading
from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.activities.switches import distribution
from tests.aws.world import World


async def look(settings: dict[str, object]) -> Reading:
    """The reading."""
    reading = (await perform("detect.cloudfront", settings, within=10.0)).reading
    assert reading is not None
    return reading


async def test_the_regions_that_are_on_are_its_values(aws: World) -> None:
    """Before the cut-over the one, after it the other."""
    settings = distribution(aws)
    reading = await look(settings)
    assert (reading.state, reading.reason) == ("healthy", f"it leads to {ACTIVE}.")
    assert DnsValues.model_validate(reading.values).regions == (ACTIVE,)
    await perform("cut_over.cloudfront", settings, within=20.0)
    assert DnsValues.model_validate((await look(settings)).values).regions == (STANDBY,)
