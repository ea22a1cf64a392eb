"""How large a deployment is, by its outputs."""

from pathlib import Path

from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.azure.templates import written
from tests.azure.world import THERE, AzureWorld


async def test_its_size_is_what_the_planner_reads(azure: AzureWorld, tmp_path: Path) -> None:
    """Nothing before the first deployment; then what its output says."""
    settings = azure.settings(THERE, deployment="standby", template=written(tmp_path))
    reading = (await perform("detect.azure_deployment", settings)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "None is deployed.")
    properties = {"outputs": {"standbySize": {"type": "Int", "value": 4}}}
    azure.put("Microsoft.Resources/deployments", "standby", region=THERE, properties=properties)
    reading = (await perform("detect.azure_deployment", settings)).reading
    assert reading is not None
    assert reading.reason == "4 are deployed (the last deployment is Succeeded)."
    assert ProcessValues(desired=4, ready=4) == ProcessValues.model_validate(reading.values)
