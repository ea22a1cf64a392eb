"""`fence.azure_storage`: the decision, and what proves it; the shape has its tests in tests/activities/handing."""

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import stand_storage, storage, storage_account
from tests.azure.world import HERE, AzureWorld


async def test_the_decision_is_kept(azure: AzureWorld) -> None:
    """Azure will demote it in the promotion: that is the proof, and an older decision is refused from then on."""
    stand_storage(azure, "llm")
    result = await perform("fence.azure_storage", storage(azure, "llm", HERE), within=20)
    assert (result.changed, result.proved) == (True, True)
    assert storage_account(azure, "llm")["tags"]["evac-epoch"] == "7"
    late = await refused("fence.azure_storage", storage(azure, "llm", HERE), ErrorType.STALE_EPOCH, epoch=6, within=20)
    assert "7" in late
