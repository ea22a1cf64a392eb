"""A geo-replicated cache's whole story, planned and carried out: failover and failback."""

from runbooks.models import Procedure
from tests.activities.story import carried_out, looked, planned, runbook
from tests.azure.databases import redis, redis_cache, redis_link, stand_redis, tell_redis_lag
from tests.azure.world import HERE, THERE, AzureWorld


def roles(azure: AzureWorld) -> list[str]:
    """What each says of the other one."""
    return [(redis_link(azure, "llm", region) or {})["serverRole"] for region in (HERE, THERE)]


async def test_there_and_back(azure: AzureWorld) -> None:
    """Both are swapped, the former primary follows, and is led home."""
    stand_redis(azure, "llm")
    tell_redis_lag(azure, "llm", 2.0, ago=60)
    book = runbook("azure_redis", {region: redis(azure, "llm", region) for region in (HERE, THERE)})
    there = await planned(book, Procedure.FAILOVER, HERE)
    assert [step.id for step in there.steps] == [f"fence.vector-db.{HERE}", f"promote.vector-db.{THERE}"]
    assert there.refusals == ()
    await carried_out(there, epoch=7)
    assert roles(azure) == ["Primary", "Secondary"]
    writers = [reading.region for reading in (await looked(book)).readings if reading.values["read_only"] is False]
    assert writers == [THERE]
    tell_redis_lag(azure, "llm", 1.0, region=HERE)
    back = await planned(book, Procedure.FAILBACK, THERE)
    assert back.refusals == ()
    results = await carried_out(back, epoch=8)
    assert roles(azure) == ["Secondary", "Primary"]
    unproved = [step.verb.value for step in back.steps if not results[step.id].proved]
    assert unproved == ["catch_up"]
    assert redis_cache(azure, "llm", THERE)["data"] == "all"


async def test_a_failover_of_a_silent_region_needs_a_word(azure: AzureWorld) -> None:
    """Its fence cannot be proved, and how much is lost is bounded by the lag's last value."""
    stand_redis(azure, "llm")
    tell_redis_lag(azure, "llm", 2.0, ago=100)
    book = runbook("azure_redis", {region: redis(azure, "llm", region) for region in (HERE, THERE)})
    azure.bend(f"@{HERE}", "refuse")
    plan = await planned(book, Procedure.FAILOVER, HERE)
    assert [refusal.name for refusal in plan.refusals] == ["unproved-fence:vector-db"]
    results = await carried_out(plan, epoch=7)
    azure.straighten()
    assert results[f"fence.vector-db.{HERE}"].proved is False
    assert roles(azure) == ["Primary", "Secondary"]
