from typing import Any

from tests.activities.calls import perform
from tests.azure.databases import redis, redis_cache, redis_link, stand_redis, tell_redis_lag, unlink_redis
from tests.azure.fakes.cache import Cache
from tests.azure.world import HERE, THERE, AzureWorld


async def seen(azure: AzureWorld, region: str) -> tuple[str, str, dict[str, Any]]:
    """State, sentence and values."""
    result = await perform("detect.azure_redis", redis(azure, "llm", region), within=20)
    assert result.reading is not None
    return result.reading.state, result.reason, result.reading.values


async def test_a_link_tells_the_role_of_the_other_one(azure: AzureWorld) -> None:
    """So the one whose other is the secondary is the primary; it knows its standby by the planner's name."""
    stand_redis(azure, "llm")
    tell_redis_lag(azure, "llm", 3.0, ago=60)
    state, reason, values = await seen(azure, HERE)
    assert (state, reason) == ("healthy", f"llm-{HERE} is the primary (Succeeded).")
    assert (values["role"], values["read_only"]) == ("primary", False)
    assert values["standbys"][f"llm-{THERE}"]["state"] == "streaming"
    state, reason, values = await seen(azure, THERE)
    assert (state, reason) == ("healthy", f"llm-{THERE} is a standby (Succeeded), 3.0 s behind.")
    assert (values["role"], values["read_only"], values["lag_seconds"]) == ("standby", True, 3.0)


async def test_a_silent_monitor_is_no_ill_health(azure: AzureWorld) -> None:
    """The cache answers; how far it is behind is not known."""
    stand_redis(azure, "llm")
    azure.bend("Microsoft.Insights/*", "fail")
    state, reason, values = await seen(azure, THERE)
    assert (state, values["lag_seconds"]) == ("healthy", None)
    assert "Azure Monitor has not told for an hour" in reason


async def test_unlinked_caches_are_two_writers(azure: AzureWorld) -> None:
    """Unlinking leaves both writable: neither is called a standby."""
    stand_redis(azure, "llm")
    unlink_redis(azure, "llm")
    values = [(await seen(azure, region))[2] for region in (HERE, THERE)]
    assert [(one["role"], one["read_only"]) for one in values] == [("primary", False)] * 2


async def test_a_former_primary_that_is_being_linked_is_a_standby(azure: AzureWorld) -> None:
    """It is unavailable until its copy is complete, and does not stream until then."""
    stand_redis(azure, "llm")
    azure.arm.provider(Cache).dead.add(HERE)
    await perform("promote.azure_redis", redis(azure, "llm", THERE), within=20)
    assert (redis_link(azure, "llm", HERE) or {})["provisioningState"] == "Creating"
    _, reason, values = await seen(azure, HERE)
    assert reason.startswith(f"llm-{HERE} is a standby (Creating, itself Linking)")
    assert (values["role"], values["streaming"]) == ("standby", False)


async def test_a_broken_cache_is_unhealthy(azure: AzureWorld) -> None:
    """Azure has failed to change it."""
    stand_redis(azure, "llm")
    redis_cache(azure, "llm", HERE)["properties"]["provisioningState"] = "Failed"
    state, reason, _ = await seen(azure, HERE)
    assert (state, reason) == ("unhealthy", f"llm-{HERE} is Succeeded, itself Failed.")
