from typing import Any

from tests.activities.calls import perform
from tests.azure.databases import postgres, server, stand_postgres, tell_lag
from tests.azure.world import HERE, THERE, AzureWorld


async def seen(azure: AzureWorld, region: str) -> tuple[str, str, dict[str, Any]]:
    """State, sentence and values."""
    result = await perform("detect.azure_postgres", postgres(azure, "llm", region), within=20)
    assert result.reading is not None
    return result.reading.state, result.reason, result.reading.values


async def test_a_primary_knows_its_replicas(azure: AzureWorld) -> None:
    """By the names that the planner has for them."""
    stand_postgres(azure, "llm")
    state, reason, values = await seen(azure, HERE)
    assert (state, reason) == ("healthy", f"llm-{HERE} is a primary with 1 replicas.")
    assert (values["role"], values["read_only"]) == ("primary", False)
    assert values["standbys"][f"llm-{THERE}"]["state"] == "streaming"


async def test_a_replica_is_so_far_behind(azure: AzureWorld) -> None:
    """By the newest value that Azure Monitor has."""
    stand_postgres(azure, "llm")
    tell_lag(azure, "llm", 400.0, ago=120)
    tell_lag(azure, "llm", 4.0, ago=60)
    state, reason, values = await seen(azure, THERE)
    assert (state, reason) == ("healthy", f"llm-{THERE} is a replica (Active), 4.0 s behind.")
    assert (values["role"], values["streaming"], values["lag_seconds"]) == ("standby", True, 4.0)


async def test_an_old_value_says_nothing_of_now(azure: AzureWorld) -> None:
    """Unknown is not good, and it is said how old the value is."""
    stand_postgres(azure, "llm")
    tell_lag(azure, "llm", 0.0, ago=900)
    _, reason, values = await seen(azure, THERE)
    assert values["lag_seconds"] is None
    assert "behind by an unknown amount (Azure Monitor's last value is 90" in reason


async def test_a_silent_monitor_is_no_ill_health(azure: AzureWorld) -> None:
    """The server answers; how far it is behind is not known."""
    stand_postgres(azure, "llm")
    azure.bend("Microsoft.Insights/*", "fail")
    state, reason, values = await seen(azure, THERE)
    assert (state, values["lag_seconds"]) == ("healthy", None)
    assert "Azure Monitor has not told for an hour" in reason


async def test_broken_replication_does_not_stream(azure: AzureWorld) -> None:
    """It could be promoted all the same."""
    stand_postgres(azure, "llm")
    server(azure, "llm", THERE)["properties"]["replica"]["replicationState"] = "Broken"
    state, _, values = await seen(azure, THERE)
    assert (state, values["streaming"]) == ("healthy", False)


async def test_a_stopped_server_is_unhealthy(azure: AzureWorld) -> None:
    """Whoever wants its data gets nothing; its parameters are not asked for."""
    stand_postgres(azure, "llm")
    server(azure, "llm", HERE)["properties"]["state"] = "Stopped"
    state, reason, _ = await seen(azure, HERE)
    assert (state, reason) == ("unhealthy", f"llm-{HERE} is Stopped.")
