"""`detect.azure_sql`: the role by region; the shape has tests of its own in tests/activities/handing."""

from tests.activities.calls import perform
from tests.azure.databases import sql, stand_sql
from tests.azure.world import HERE, THERE, AzureWorld


async def test_each_region_has_its_role(azure: AzureWorld) -> None:
    """One is written, the other one follows."""
    stand_sql(azure, "llm")
    found = [await perform("detect.azure_sql", sql(azure, "llm", region), within=20) for region in (HERE, THERE)]
    values = [one.reading.values for one in found if one.reading is not None]
    assert [(one["role"], one["read_only"]) for one in values] == [("primary", False), ("standby", True)]


async def test_a_moved_writer_is_seen_where_it_is(azure: AzureWorld) -> None:
    """By Azure's own word, whatever was before."""
    stand_sql(azure, "llm")
    await perform("promote.azure_sql", sql(azure, "llm", THERE, upstream=sql(azure, "llm", HERE)), within=20)
    found = [await perform("detect.azure_sql", sql(azure, "llm", region), within=20) for region in (HERE, THERE)]
    assert [one.reading.values["role"] for one in found if one.reading is not None] == ["standby", "primary"]
