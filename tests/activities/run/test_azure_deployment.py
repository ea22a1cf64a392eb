"""A template as a step of the runbook's own: all its parameters are the runbook's."""

from pathlib import Path

from tests.activities.calls import perform
from tests.azure.templates import SCALE_SET, written
from tests.azure.world import THERE, AzureWorld


async def test_what_was_shown_is_deployed(azure: AzureWorld, tmp_path: Path) -> None:
    """By the twin's preview; the decision is among the deployment's tags, and another time nothing is to do."""
    settings = azure.settings(
        THERE, deployment="own", template=written(tmp_path), parameters={"standbySize": 3}, actions=["a/read"]
    )
    checked = await perform("run.azure_deployment.check", settings, within=20.0)
    assert checked.preview is not None
    approved = {**settings, "approved": checked.preview.approved}
    assert (await perform("run.azure_deployment", approved, within=20.0)).changed is True
    assert azure.arm.resource(azure.id_of(SCALE_SET, "llm", region=THERE))["sku"]["capacity"] == 3
    made = azure.arm.resource(azure.id_of("Microsoft.Resources/deployments", "own", region=THERE))
    assert made["tags"] == {"evac-epoch": "7"}
    again = await perform("run.azure_deployment", approved, within=20.0)
    assert (again.changed, again.reason) == (False, "Nothing of llm-westeurope/own is to be changed.")
