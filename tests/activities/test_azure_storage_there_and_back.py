"""A storage account's whole story, planned and carried out: failover and failback."""

from runbooks.models import Procedure
from tests.activities.story import carried_out, looked, planned, runbook
from tests.azure.databases import stand_storage, storage, storage_account
from tests.azure.world import HERE, THERE, AzureWorld


async def test_there_and_back(azure: AzureWorld) -> None:
    """What may be lost is known by the last synchronization; the account is made geo-redundant again, and led home."""
    stand_storage(azure, "llm")
    book = runbook("azure_storage", {region: storage(azure, "llm", region) for region in (HERE, THERE)})
    there = await planned(book, Procedure.FAILOVER, HERE)
    assert there.refusals == ()
    assert there.loss[0].seconds is not None
    assert there.loss[0].seconds < 60
    await carried_out(there, epoch=7)
    writers = [reading.region for reading in (await looked(book)).readings if reading.values["read_only"] is False]
    assert writers == [THERE]
    back = await planned(book, Procedure.FAILBACK, THERE)
    assert f"reseed.vector-db.{HERE}" in [step.id for step in back.steps]
    await carried_out(back, epoch=8)
    account = storage_account(azure, "llm")
    assert account["properties"]["primaryLocation"] == HERE
    assert account["sku"]["name"] == "Standard_RAGRS"
