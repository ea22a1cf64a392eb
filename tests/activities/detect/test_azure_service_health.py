from typing import Any

import pytest

from tests.activities.calls import perform
from tests.azure.fakes.resourcehealth import ResourceHealth
from tests.azure.world import THERE, AzureWorld


async def look(uses: str, settings: dict[str, Any], within: float = 10.0) -> tuple[str, str]:
    """State and reason."""
    reading = (await perform(uses, settings, within=within)).reading
    assert reading is not None
    return reading.state, reading.reason


def of_region(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    """Settings for the region."""
    return {**azure.settings(THERE, **more), "resource_group": ""}


async def test_an_issue_in_the_region(azure: AzureWorld) -> None:
    """Regions are named as people do."""
    azure.arm.provider(ResourceHealth).tell("Virtual Machines", "North Europe", "West Europe")
    assert await look("detect.azure_service_health", of_region(azure)) == (
        "unhealthy",
        "Azure has 1 active issues in westeurope: Virtual Machines since 2026-11-02 03:00Z (Virtual Machines is hit).",
    )


async def test_what_is_none_of_the_regions(azure: AzureWorld) -> None:
    """Elsewhere, over, only planned, or of another service."""
    told = azure.arm.provider(ResourceHealth)
    told.tell("Virtual Machines", "East US", "West Europe 2")
    told.tell("Virtual Machines", "West Europe", status="Resolved")
    told.tell("Virtual Machines", "West Europe", kind="PlannedMaintenance")
    told.tell("SQL Database", "West Europe")
    settings = of_region(azure, services=["Virtual machines"])
    assert await look("detect.azure_service_health", settings) == (
        "healthy",
        "Azure knows of no active issue of Virtual machines in westeurope.",
    )


async def test_an_issue_everywhere_is_here_too(azure: AzureWorld) -> None:
    """`Global`."""
    azure.arm.provider(ResourceHealth).tell("Microsoft Entra ID", "Global")
    assert (await look("detect.azure_service_health", of_region(azure)))[0] == "unhealthy"


@pytest.mark.parametrize("mode", ["hang", "fail", "deny"])
async def test_its_silence_tells_nothing_of_the_region(azure: AzureWorld, mode: str) -> None:
    """It is not in the region."""
    azure.bend("Microsoft.ResourceHealth/*", mode)
    patience = {"connect_timeout": 0.4, "read_timeout": 0.4}
    assert (await look("detect.azure_service_health", of_region(azure, **patience), within=2.0))[0] == "unknown"
