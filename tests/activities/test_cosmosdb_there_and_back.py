"""An account's whole story, planned and carried out: a switchover and the way home."""

from runbooks.models import Procedure
from tests.activities.story import carried_out, looked, planned, runbook
from tests.azure.databases import cosmos, cosmos_account, stand_cosmos
from tests.azure.world import HERE, THERE, AzureWorld


async def test_there_and_back(azure: AzureWorld) -> None:
    """How far a read region is behind is not told, which is said and must be accepted; nothing is lost."""
    stand_cosmos(azure, "llm")
    book = runbook("cosmosdb", {region: cosmos(azure, "llm", region) for region in (HERE, THERE)})
    there = await planned(book, Procedure.SWITCHOVER, HERE)
    assert [refusal.name for refusal in there.refusals] == ["lag:vector-db"]
    await carried_out(there, epoch=7)
    writers = [reading.region for reading in (await looked(book)).readings if reading.values["read_only"] is False]
    assert writers == [THERE]
    back = await planned(book, Procedure.SWITCHOVER, THERE)
    await carried_out(back, epoch=8)
    places = cosmos_account(azure, "llm")["properties"]["writeLocations"]
    assert [one["locationName"] for one in places] == ["East US"]
