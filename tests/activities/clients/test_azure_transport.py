"""The way to Azure: a change whose answer was lost is never sent again by anything below us."""

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.activities.scale.test_aks_nodepool import stand
from tests.azure.world import AzureWorld

_READ = "Microsoft.ContainerService/managedClusters/agentPools/read"
_SIZE = "Microsoft.ContainerService/managedClusters/agentPools/write"


@pytest.mark.parametrize("mode", ["lose", "refuse"])
async def test_a_put_is_sent_once(azure: AzureWorld, mode: str) -> None:
    """Its connection is closed: the step ends, and the next one looks first."""
    settings = {**stand(azure), "replicas": 4}
    azure.bend(_SIZE, mode, times=1)
    await refused("scale.aks_nodepool", settings, ErrorType.UNREACHABLE, within=20.0)
    assert azure.asked(changes=True) == [_SIZE]


async def test_a_look_may_be_sent_again(azure: AzureWorld) -> None:
    """It changes nothing."""
    settings = stand(azure)
    azure.bend(_READ, "refuse", times=1)
    reading = (await perform("detect.aks_nodepool", settings)).reading
    assert reading is not None
    assert reading.state == "healthy"
