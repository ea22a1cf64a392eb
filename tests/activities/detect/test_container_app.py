"""How many replicas of a container app serve."""

from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.activities.scale.test_container_app import stand
from tests.azure.world import AzureWorld


async def test_its_size_is_what_the_planner_reads(azure: AzureWorld) -> None:
    """What it keeps at least, and what serves."""
    reading = (await perform("detect.container_app", stand(azure, 2))).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "2 replicas serve, and at least 2 are kept.")
    assert ProcessValues(desired=2, ready=2) == ProcessValues.model_validate(reading.values)
