"""Azure Monitor's autoscale settings, which would bring a scale set back within their own bounds."""

from tests.activities.calls import perform
from tests.activities.scale.test_vmss import WITHIN, scale, stand
from tests.azure.world import THERE, AzureWorld

_KIND = "Microsoft.Compute/virtualMachineScaleSets"


async def test_autoscale_that_would_scale_it_in_again_is_told(azure: AzureWorld) -> None:
    """The check fails by it; the act does its work, and says so."""
    settings = {**stand(azure), "replicas": 5}
    bounds = {"minimum": "1", "maximum": "3", "default": "1"}
    properties = {
        "enabled": True,
        "targetResourceUri": azure.id_of(_KIND, "llm", region=THERE),
        "profiles": [{"name": "day", "capacity": bounds, "rules": []}],
    }
    azure.put("Microsoft.Insights/autoscalesettings", "llm-auto", region=THERE, properties=properties)
    says = "The autoscale setting llm-auto of Azure Monitor (profile day) allows 3 at most"
    check = await perform("scale.vmss.check", settings, within=WITHIN)
    assert check.proved is False
    assert check.reason.startswith(says)
    done = await scale(settings)
    assert done.reason.startswith(f"5 instances are ready; before there were 2. {says}")
    properties["enabled"] = False
    stand(azure)
    assert (await perform("scale.vmss.check", settings, within=WITHIN)).proved is True
