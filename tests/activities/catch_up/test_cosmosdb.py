"""`catch_up.cosmosdb`: near, or the wrong way round; the shape has tests of its own in tests/activities/handing."""

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import cosmos, stand_cosmos
from tests.azure.world import HERE, THERE, AzureWorld


async def test_what_is_in_step_is_near(azure: AzureWorld) -> None:
    """Nothing is changed by looking; what is missing then, Azure waits for itself."""
    stand_cosmos(azure, "llm")
    settings = cosmos(azure, "llm", THERE, upstream=cosmos(azure, "llm", HERE))
    result = await perform("catch_up.cosmosdb", settings, within=20)
    assert (result.changed, result.proved, azure.asked(changes=True)) == (False, True, [])


async def test_the_writer_follows_nobody(azure: AzureWorld) -> None:
    """The roles may be changing: it is looked at for as long as the call may take, and then said."""
    stand_cosmos(azure, "llm")
    settings = cosmos(azure, "llm", HERE, upstream=cosmos(azure, "llm", THERE))
    assert " is primary (" in await refused("catch_up.cosmosdb", settings, ErrorType.NOT_YET, within=3)
