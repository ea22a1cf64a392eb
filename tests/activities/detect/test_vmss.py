"""How large a scale set is, with those of its ladder."""

from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.activities.scale.test_vmss import stand
from tests.azure.world import AzureWorld


async def test_its_size_is_what_the_planner_reads(azure: AzureWorld) -> None:
    """Of all together; one of the ladder that is not there counts for nothing."""
    ladder = [{"scale_set": "h100"}, {"scale_set": "none"}]
    settings = {**stand(azure, capacity=3), "ladder": ladder}
    stand(azure, "h100", 1)
    reading = (await perform("detect.vmss", settings)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "4 of 4 instances run.")
    assert ProcessValues(desired=4, ready=4) == ProcessValues.model_validate(reading.values)
