from collections.abc import Iterator

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import STANDBY, perform, refused
from tests.azure.world import AzureWorld
from tests.azure.zones import NEW, OLD, Zone, zone_of

USES = "verify.azure_dns"


@pytest.fixture
def zone(azure: AzureWorld) -> Iterator[Zone]:
    """A zone whose name leads to the new region."""
    with zone_of(azure) as made:
        made.lead(NEW)
        yield made


async def test_the_name_servers_are_asked_and_nobody_else(zone: Zone) -> None:
    """With `servers` in the runbook Azure's control plane is not needed."""
    done = await perform(USES, zone.settings(servers=[zone.names.address]), within=5.0)
    assert done.after == {zone.names.address: NEW}
    assert done.reason == f"The server leads api.example.com to {STANDBY}."
    assert zone.azure.calls() == []


async def test_without_them_the_zone_says_which_they_are(zone: Zone) -> None:
    """One question."""
    await perform(USES, zone.settings(), within=5.0)
    assert set(zone.azure.asked()) == {"Microsoft.Network/dnsZones/read"}


async def test_a_server_that_says_otherwise_or_nothing_is_named(zone: Zone) -> None:
    """Neither is proof."""
    zone.names.stale["api.example.com."] = [OLD]
    sentence = await refused(USES, zone.settings(), ErrorType.NOT_YET, within=1.0)
    assert f"should lead to {STANDBY}, but not every server says so. {zone.names.address}: {OLD}" in sentence
    zone.names.silent = True
    sentence = await refused(USES, zone.settings(timeout=0.3), ErrorType.NOT_YET, within=1.0)
    assert f"The DNS server {zone.names.address} gave no answer within 0.3 s" in sentence
