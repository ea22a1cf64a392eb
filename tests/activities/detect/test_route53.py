from collections.abc import Iterator
from typing import Any

import pytest

from runbooks.facts import DnsValues
from runbooks.steps import Reading
from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.activities.route53_zone import NEW, OLD, Zone, record, upsert, zone_of
from tests.aws.world import World


@pytest.fixture
def zone(aws: World) -> Iterator[Zone]:
    """A zone whose name leads nowhere yet."""
    with zone_of(aws) as made:
        yield made


async def look(zone: Zone, **more: Any) -> tuple[Reading, DnsValues]:
    """The reading, and its values as a planner has them."""
    reading = (await perform("detect.route53", zone.settings(**more), within=10.0)).reading
    assert reading is not None
    return reading, DnsValues.model_validate(reading.values)


async def test_the_weights_are_the_values(zone: Zone) -> None:
    """Regions without weight are not led to."""
    zone.weighted(old=30, new=10, third=0)
    places = {ACTIVE: {"to": [OLD]}, STANDBY: {"to": [NEW]}, "ap-southeast-2": {"to": ["192.0.2.3"]}}
    reading, values = await look(zone, places=places)
    assert (reading.state, values.regions, values.weights) == ("healthy", (ACTIVE, STANDBY), {ACTIVE: 30, STANDBY: 10})
    assert (values.addresses, values.ttl) == ((OLD, NEW), 60)


async def test_no_weight_at_all_is_all_of_them(zone: Zone) -> None:
    """As Route 53 answers then."""
    zone.weighted(old=0, new=0)
    assert (await look(zone))[1].regions == (ACTIVE, STANDBY)


async def test_a_name_that_was_made_by_hand_is_understood(zone: Zone) -> None:
    """Simple, before Evac has ever changed it."""
    zone.change(upsert(record(OLD)))
    assert (await look(zone))[1].regions == (ACTIVE,)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (record("192.0.2.77"), "192.0.2.77 is none of the runbook's"),
        (record(OLD, SetIdentifier=ACTIVE, Region=ACTIVE), f"{OLD} (`{ACTIVE}`) is none of the runbook's"),
        (record(OLD, SetIdentifier="x", Weight=1), f"{OLD} (`x`) is none of the runbook's"),
    ],
)
async def test_what_the_runbook_does_not_know_is_not_healthy(zone: Zone, made: dict[str, Any], told: str) -> None:
    """Another address, another kind of routing, another set identifier: nothing can be planned on it."""
    zone.change(upsert(made))
    reading, _ = await look(zone)
    assert reading.state == "unhealthy"
    assert told in reading.reason


async def test_nothing_is_not_healthy(zone: Zone) -> None:
    """And said to be nothing."""
    reading, _ = await look(zone)
    assert (reading.state, reading.reason) == ("unhealthy", "api.example.com leads to nothing.")
