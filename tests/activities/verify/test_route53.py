from collections.abc import Iterator
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY, perform, refused
from tests.activities.route53_zone import NEW, OLD, Zone, upsert, zone_of
from tests.aws.world import World

USES = "verify.route53"


@pytest.fixture
def zone(aws: World) -> Iterator[Zone]:
    """A zone whose name leads to the new region."""
    with zone_of(aws) as made:
        made.weighted(old=0, new=100)
        yield made


async def test_the_name_servers_are_asked_and_nobody_else(zone: Zone) -> None:
    """With `servers` in the runbook AWS's control plane is not needed."""
    done = await perform(USES, zone.settings(servers=[zone.names.address]), within=5.0)
    assert done.after == {zone.names.address: NEW}
    assert done.reason == f"The server leads api.example.com to {STANDBY}."
    assert [asked for asked in zone.aws.asked() if "Get" in asked or "List" in asked] == []


async def test_each_of_several_regions_is_right(zone: Zone) -> None:
    """Whichever the draw gives; a third one would not be."""
    zone.weighted(old=50, new=50)
    shares: dict[str, Any] = {"weights": {ACTIVE: 50, STANDBY: 50}}
    for _ in range(5):
        done = await perform(USES, zone.settings(**shares), within=5.0)
        assert done.after[zone.names.address] in (OLD, NEW)
    zone.change(upsert(zone.weight("third", 255)), upsert(zone.weight("old", 0)), upsert(zone.weight("new", 0)))
    sentence = await refused(USES, zone.settings(**shares), ErrorType.NOT_YET, within=1.0)
    assert (
        f"should lead to {ACTIVE} and {STANDBY}, but not every server says so. {zone.names.address}: 192.0.2.3"
        in sentence
    )


async def test_an_alias_outside_the_zone_is_resolved(zone: Zone) -> None:
    """By this machine's own resolver, as the name servers do for AWS's resources."""
    zone.change(*({"Action": "DELETE", "ResourceRecordSet": each} for each in zone.sets()))
    target = {"HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": "localhost", "EvaluateTargetHealth": True}
    zone.change(upsert({"Name": "api.example.com", "Type": "A", "AliasTarget": target}))
    places = {ACTIVE: {"to": [OLD]}, STANDBY: {"to": ["localhost"], "alias_zone": "Z35SXDOTRQ7X7K"}}
    done = await perform(USES, zone.settings(places=places), within=5.0)
    assert done.after == {zone.names.address: "127.0.0.1"}


async def test_a_silent_server_is_no_proof(zone: Zone) -> None:
    """It is named, with what is wrong with it."""
    zone.names.silent = True
    sentence = await refused(USES, zone.settings(timeout=0.3), ErrorType.NOT_YET, within=1.0)
    assert f"The DNS server {zone.names.address} gave no answer within 0.3 s" in sentence
