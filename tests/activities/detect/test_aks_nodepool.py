"""How large an agent pool is."""

from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.activities.scale.test_aks_nodepool import stand
from tests.azure.world import AzureWorld


async def test_its_size_is_what_the_planner_reads(azure: AzureWorld) -> None:
    """With an autoscaler what it keeps at least; a stopped pool has no nodes."""
    scaled = {"enableAutoScaling": True, "minCount": 1, "maxCount": 5}
    reading = (await perform("detect.aks_nodepool", stand(azure, count=3, **scaled))).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "There are 3 nodes, and 1 are wanted.")
    assert ProcessValues(desired=1, ready=3) == ProcessValues.model_validate(reading.values)
    reading = (await perform("detect.aks_nodepool", stand(azure, count=3, powerState={"code": "Stopped"}))).reading
    assert reading is not None
    assert (reading.values["desired"], reading.values["ready"]) == (0, 0)
