from collections.abc import Iterator

import pytest

from runbooks.facts import DnsValues
from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.azure.world import AzureWorld
from tests.azure.zones import NEW, OLD, OTHER, Zone, zone_of


@pytest.fixture
def zone(azure: AzureWorld) -> Iterator[Zone]:
    """A zone whose name leads to the active region."""
    with zone_of(azure) as made:
        yield made


async def look(zone: Zone, name: str = "api.example.com") -> tuple[str, str, DnsValues]:
    """State, reason, and the values as a planner has them."""
    reading = (await perform("detect.azure_dns", zone.settings(name=name), within=10.0)).reading
    assert reading is not None
    return reading.state, reading.reason, DnsValues.model_validate(reading.values)


async def test_where_it_leads(zone: Zone) -> None:
    """One region, then both."""
    state, _, values = await look(zone)
    assert (state, values.regions, values.addresses, values.ttl) == ("healthy", (ACTIVE,), (OLD,), 33)
    zone.lead(OLD, NEW)
    assert (await look(zone))[2].regions == (ACTIVE, STANDBY)


async def test_what_the_runbook_does_not_know_is_not_healthy(zone: Zone) -> None:
    """Another address beside its own; an alias to a resource."""
    zone.lead(OLD, OTHER)
    state, reason, _ = await look(zone)
    assert (state, f"{OTHER} is none of the runbook's" in reason) == ("unhealthy", True)
    zone.alias("/subscriptions/1/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/llm")
    state, reason, _ = await look(zone)
    assert (state, "publicipaddresses/llm is none of the runbook's" in reason) == ("unhealthy", True)


async def test_a_name_without_records_leads_nowhere(zone: Zone) -> None:
    """Which is not healthy, and no fault of the look."""
    state, reason, values = await look(zone, "none.example.com")
    assert (state, reason, values.regions) == ("unhealthy", "none.example.com leads to nothing.", ())
