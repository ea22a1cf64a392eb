from typing import Any

from tests.activities.calls import perform
from tests.azure.databases import stand_storage, storage, storage_account
from tests.azure.world import HERE, THERE, AzureWorld


async def seen(azure: AzureWorld, region: str) -> tuple[str, dict[str, Any]]:
    """Sentence and values."""
    result = await perform("detect.azure_storage", storage(azure, "llm", region), within=20)
    assert result.reading is not None
    return result.reason, result.reading.values


async def test_the_last_synchronization_says_what_may_be_lost(azure: AzureWorld) -> None:
    """Everything that was written before it is in the other region."""
    stand_storage(azure, "llm", behind=100)
    reason, values = await seen(azure, THERE)
    assert reason.startswith(f"llm in {THERE} is a standby (Live), 10")
    assert 100 <= values["lag_seconds"] < 130
    assert values["streaming"] is True


async def test_a_default_time_is_no_measurement(azure: AzureWorld) -> None:
    """Azure tells the year 1 when it does not know."""
    stand_storage(azure, "llm")
    stats = storage_account(azure, "llm")["properties"]["geoReplicationStats"]
    stats.update(status="Unavailable", lastSyncTime="0001-01-01T00:00:00Z")
    reason, values = await seen(azure, THERE)
    assert (values["lag_seconds"], values["streaming"]) == (None, False)
    assert "behind by an amount that Azure Storage has not told" in reason


async def test_a_region_without_a_copy_takes_no_writes(azure: AzureWorld) -> None:
    """After a forced failover there is one region alone."""
    stand_storage(azure, "llm")
    await perform("promote.azure_storage", storage(azure, "llm", THERE), within=20)
    reason, values = await seen(azure, HERE)
    assert reason == f"llm in {HERE} is a standby (no copy in another region)."
    assert (values["role"], values["read_only"], values["streaming"]) == ("standby", True, False)
