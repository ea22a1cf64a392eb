"""A failover group's whole story, planned and carried out: failover and failback."""

from runbooks.models import Procedure
from tests.activities.story import carried_out, looked, planned, runbook
from tests.azure.databases import sql, sql_group, stand_sql
from tests.azure.world import HERE, THERE, AzureWorld


def roles(azure: AzureWorld) -> tuple[str, str]:
    """On both servers."""
    here, there = (sql_group(azure, "llm", region)["properties"]["replicationRole"] for region in (HERE, THERE))
    return here, there


async def test_there_and_back(azure: AzureWorld) -> None:
    """What may be lost is not known, which is said and must be accepted; everything is led home without loss."""
    stand_sql(azure, "llm")
    book = runbook("azure_sql", {region: sql(azure, "llm", region) for region in (HERE, THERE)})
    there = await planned(book, Procedure.FAILOVER, HERE)
    assert [step.id for step in there.steps] == [f"fence.vector-db.{HERE}", f"promote.vector-db.{THERE}"]
    assert [refusal.name for refusal in there.refusals] == ["loss:vector-db"]
    await carried_out(there, epoch=7)
    assert roles(azure) == ("Secondary", "Primary")
    writers = [reading.region for reading in (await looked(book)).readings if reading.values["read_only"] is False]
    assert writers == [THERE]
    back = await planned(book, Procedure.FAILBACK, THERE)
    assert [refusal.name for refusal in back.refusals] == ["lag:vector-db"]
    await carried_out(back, epoch=8)
    assert roles(azure) == ("Primary", "Secondary")
