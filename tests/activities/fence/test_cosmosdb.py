"""`fence.cosmosdb`: the decision, and what proves it; the shape has tests of its own in tests/activities/handing."""

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import cosmos, cosmos_account, stand_cosmos
from tests.azure.world import HERE, AzureWorld


async def test_the_decision_is_kept(azure: AzureWorld) -> None:
    """Azure will demote it in the promotion: that is the proof, and an older decision is refused from then on."""
    stand_cosmos(azure, "llm")
    result = await perform("fence.cosmosdb", cosmos(azure, "llm", HERE), within=20)
    assert (result.changed, result.proved) == (True, True)
    assert cosmos_account(azure, "llm")["tags"]["evac-epoch"] == "7"
    late = await refused("fence.cosmosdb", cosmos(azure, "llm", HERE), ErrorType.STALE_EPOCH, epoch=6, within=20)
    assert "7" in late
