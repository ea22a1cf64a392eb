"""`detect.cosmosdb`: the role by region; the shape has tests of its own in tests/activities/handing."""

from tests.activities.calls import perform
from tests.azure.databases import cosmos, stand_cosmos
from tests.azure.world import HERE, THERE, AzureWorld


async def test_each_region_has_its_role(azure: AzureWorld) -> None:
    """One is written, the other one follows."""
    stand_cosmos(azure, "llm")
    found = [await perform("detect.cosmosdb", cosmos(azure, "llm", region), within=20) for region in (HERE, THERE)]
    values = [one.reading.values for one in found if one.reading is not None]
    assert [(one["role"], one["read_only"]) for one in values] == [("primary", False), ("standby", True)]


async def test_a_moved_writer_is_seen_where_it_is(azure: AzureWorld) -> None:
    """By Azure's own word, whatever was before."""
    stand_cosmos(azure, "llm")
    await perform("promote.cosmosdb", cosmos(azure, "llm", THERE, upstream=cosmos(azure, "llm", HERE)), within=20)
    found = [await perform("detect.cosmosdb", cosmos(azure, "llm", region), within=20) for region in (HERE, THERE)]
    assert [one.reading.values["role"] for one in found if one.reading is not None] == ["standby", "primary"]
