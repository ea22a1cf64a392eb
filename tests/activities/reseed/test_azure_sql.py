"""`reseed.azure_sql`: the former writer follows; the shape has tests of its own in tests/activities/handing."""

from tests.activities.calls import perform
from tests.azure.databases import sql, stand_sql
from tests.azure.world import HERE, THERE, AzureWorld


async def test_the_former_writer_follows_after_a_planned_move(azure: AzureWorld) -> None:
    """Azure has made a standby of it in the move; that is proved, and nothing is ordered."""
    stand_sql(azure, "llm")
    await perform("promote.azure_sql", sql(azure, "llm", THERE, upstream=sql(azure, "llm", HERE)), within=20)
    settings = sql(azure, "llm", HERE, upstream=sql(azure, "llm", THERE))
    await perform("reseed.azure_sql", settings, within=20)
    sent = len(azure.asked(changes=True))
    again = await perform("reseed.azure_sql", settings, within=20)
    assert (again.changed, again.proved, len(azure.asked(changes=True))) == (False, True, sent)
    assert again.after["role"] == "standby"
