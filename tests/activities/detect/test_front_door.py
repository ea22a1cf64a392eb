from typing import Any

from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.azure.doors import GROUP, put_door
from tests.azure.world import AzureWorld


async def look(azure: AzureWorld, **origins: str) -> tuple[str, Any]:
    """State, and the regions that are led to."""
    put_door(azure, "llm", **origins)
    places = {ACTIVE: {"origin": "old"}, STANDBY: {"origin": "new"}}
    settings = azure.settings(azure_region="global", profile="llm", origin_group=GROUP, places=places)
    reading = (await perform("detect.front_door", settings, within=10.0)).reading
    assert reading is not None
    return reading.state, reading.values.get("regions")


async def test_which_origins_take_traffic(azure: AzureWorld) -> None:
    """Those that are enabled; none is not healthy."""
    assert await look(azure, old="Enabled", new="Disabled") == ("healthy", [ACTIVE])
    assert await look(azure, old="Enabled", new="Enabled") == ("healthy", [ACTIVE, STANDBY])
    assert await look(azure, old="Disabled", new="Disabled") == ("unhealthy", [])


async def test_a_profile_of_another_kind_has_no_origins(azure: AzureWorld) -> None:
    """A classic one is not understood, and says nothing of the region."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    azure.arm.resource(azure.id_of("Microsoft.Cdn/profiles", "llm"))["sku"] = {"name": "Standard_Microsoft"}
    places = {ACTIVE: {"origin": "old"}}
    settings = azure.settings(azure_region="global", profile="llm", origin_group=GROUP, places=places)
    reading = (await perform("detect.front_door", settings, within=10.0)).reading
    assert reading is not None
    assert reading.state == "unknown"
