from typing import Any

from runbooks.facts import DnsValues
from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.azure.profiles import put_profile
from tests.azure.world import AzureWorld

ON, OFF = ("Enabled", 30), ("Disabled", 1)
PLACES = {ACTIVE: {"endpoint_name": "old"}, STANDBY: {"endpoint_name": "new"}}


async def look(azure: AzureWorld, **more: Any) -> tuple[str, str, DnsValues]:
    """State, reason, and the values as a planner has them."""
    settings = azure.settings(azure_region="global", profile="llm", places=PLACES, **more)
    reading = (await perform("detect.traffic_manager", settings, within=10.0)).reading
    assert reading is not None
    return reading.state, reading.reason, DnsValues.model_validate(reading.values)


async def test_the_weights_are_the_values(azure: AzureWorld) -> None:
    """Of what is enabled."""
    put_profile(azure, "llm", old=ON, new=("Enabled", 70))
    state, _, values = await look(azure)
    assert (state, values.weights, values.ttl) == ("healthy", {ACTIVE: 30, STANDBY: 70}, 30)
    assert values.addresses == ("new.example.com", "old.example.com")


async def test_by_priority_only_the_first_that_is_enabled_is_led_to(azure: AzureWorld) -> None:
    """The others stand by."""
    put_profile(azure, "llm", "Priority", old=ON, new=ON)
    assert (await look(azure, routing="priority"))[2].regions == (ACTIVE,)
    put_profile(azure, "llm", "Priority", old=OFF, new=ON)
    assert (await look(azure, routing="priority"))[2].regions == (STANDBY,)


async def test_what_the_runbook_does_not_know_is_not_healthy(azure: AzureWorld) -> None:
    """An endpoint of nobody; by priority, only one that comes first."""
    put_profile(azure, "llm", old=ON, new=OFF, third=ON)
    assert (await look(azure))[:2] == (
        "unhealthy",
        f"llm leads to {ACTIVE}, third. third is none of the runbook's: look who set it.",
    )
    put_profile(azure, "llm", "Priority", old=ON, new=OFF, third=ON)
    assert (await look(azure, routing="priority"))[0] == "healthy"
    put_profile(azure, "llm", "Priority", third=ON, old=ON, new=OFF)
    assert (await look(azure, routing="priority"))[0] == "unhealthy"
