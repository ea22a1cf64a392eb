"""`reseed.cosmosdb`: the former writer follows; the shape has tests of its own in tests/activities/handing."""

from tests.activities.calls import perform
from tests.azure.databases import cosmos, stand_cosmos
from tests.azure.world import HERE, THERE, AzureWorld


async def test_the_former_writer_follows_after_a_planned_move(azure: AzureWorld) -> None:
    """Azure has made a standby of it in the move; that is proved, and nothing is ordered."""
    stand_cosmos(azure, "llm")
    await perform("promote.cosmosdb", cosmos(azure, "llm", THERE, upstream=cosmos(azure, "llm", HERE)), within=20)
    settings = cosmos(azure, "llm", HERE, upstream=cosmos(azure, "llm", THERE))
    await perform("reseed.cosmosdb", settings, within=20)
    sent = len(azure.asked(changes=True))
    again = await perform("reseed.cosmosdb", settings, within=20)
    assert (again.changed, again.proved, len(azure.asked(changes=True))) == (False, True, sent)
    assert again.after["role"] == "standby"
