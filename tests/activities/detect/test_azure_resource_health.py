from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.activities.calls import perform
from tests.azure.fakes.resourcehealth import ResourceHealth
from tests.azure.world import THERE, AzureWorld

KIND = "Microsoft.Compute/virtualMachineScaleSets"


async def look(uses: str, settings: dict[str, Any], within: float = 10.0) -> tuple[str, str]:
    """State and reason."""
    reading = (await perform(uses, settings, within=within)).reading
    assert reading is not None
    return reading.state, reading.reason


async def of_resource(azure: AzureWorld, **told: str) -> tuple[str, str]:
    """What is said of a scale set of which Azure tells that."""
    azure.put(KIND, "llm", region=THERE, sku={"name": "Standard_D2s_v5", "capacity": 2})
    azure.arm.provider(ResourceHealth).states[azure.id_of(KIND, "llm", region=THERE).lower()] = dict(told)
    settings = azure.settings(THERE, targets=[f"{KIND}/llm"])
    return await look("detect.azure_resource_health", settings)


async def test_a_resource_that_is_available(azure: AzureWorld) -> None:
    """With the age of Azure's word."""
    assert await of_resource(azure) == ("healthy", "Azure holds all 1 for available, looked at 1 min ago.")


@pytest.mark.parametrize("state", ["Unavailable", "Degraded"])
async def test_a_resource_that_is_not(azure: AzureWorld, state: str) -> None:
    """With Azure's reason."""
    said = await of_resource(azure, availabilityState=state, summary="We're sorry, your machine isn't available.")
    assert said == ("unhealthy", f"{KIND}/llm is {state} (We're sorry, your machine isn't available).")


async def test_what_azure_does_not_know_is_unknown(azure: AzureWorld) -> None:
    """It is not green."""
    state, reason = await of_resource(azure, availabilityState="Unknown")
    assert (state, f"{KIND}/llm is Unknown, looked at 1 min ago" in reason) == ("unknown", True)


@pytest.mark.parametrize("state", ["Available", "Unavailable"])
async def test_an_old_word_is_unknown(azure: AzureWorld, state: str) -> None:
    """Neither green nor red."""
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    seen, reason = await of_resource(azure, availabilityState=state, reportedTime=at)
    assert (seen, "looked at 60 min ago" in reason) == ("unknown", True)


async def test_a_word_without_a_time_is_unknown(azure: AzureWorld) -> None:
    """Its age is not known."""
    state, reason = await of_resource(azure, reportedTime="")
    assert (state, "when it was looked at is not known" in reason) == ("unknown", True)
