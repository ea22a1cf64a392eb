from collections.abc import Iterator
from typing import Any

import pytest

from runbooks.probes import observations
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, refused
from tests.azure.fakes.network import Network
from tests.azure.world import AzureWorld
from tests.azure.zones import KIND, NEW, OLD, OTHER, ZONE, Zone, zone_of
from tests.runbooks.public_names import NOW, book, cut_overs, failover

USES = "cut_over.azure_dns"
WITHIN = 12.0


@pytest.fixture
def zone(azure: AzureWorld) -> Iterator[Zone]:
    """A zone whose name leads to the active region."""
    with zone_of(azure) as made:
        yield made


async def cut_over(zone: Zone, epoch: int = EPOCH, **more: Any) -> Any:
    """The step, as a plan would say it."""
    return await perform(USES, zone.settings(**more), within=WITHIN, epoch=epoch)


async def test_one_request_moves_the_name_and_notes_the_decision(zone: Zone) -> None:
    """What others keep in the metadata stays; the name servers say so."""
    done = await cut_over(zone)
    assert zone.addresses() == [NEW]
    assert zone.properties()["metadata"] == {"team": "llm", "evac-epoch": str(EPOCH)}
    assert zone.azure.asked(changes=True) == ["Microsoft.Network/dnsZones/A/write"]
    assert done.reason == (
        f"api.example.com leads to {STANDBY}; before it led to {ACTIVE}. Old answers live up to 33 s. "
        "1 name server says so."
    )


async def test_somebody_else_comes_between_look_and_request(zone: Zone) -> None:
    """Azure refuses the request by its ETag, he is seen at the second look, and what he did stays."""
    zone.azure.arm.provider(Network).meanwhile.append(lambda: zone.lead(OTHER))
    sentence = await refused(USES, zone.settings(), ErrorType.WRONG_STATE, within=WITHIN)
    assert f"leads to {OTHER}, which is neither where it led at planning" in sentence
    assert zone.addresses() == [OTHER]


async def test_a_newer_decision_that_comes_between_wins(zone: Zone) -> None:
    """The older one is refused at its second look."""
    zone.azure.arm.provider(Network).meanwhile.append(lambda: zone.lead(OLD, **{"evac-epoch": str(EPOCH + 1)}))
    await refused(USES, zone.settings(), ErrorType.STALE_EPOCH, within=WITHIN)
    assert zone.addresses() == [OLD]


async def test_a_change_of_no_matter_is_overcome(zone: Zone) -> None:
    """Somebody has only noted something: it still leads there, and his note stays."""
    zone.azure.arm.provider(Network).meanwhile.append(lambda: zone.lead(OLD, team="other"))
    assert (await cut_over(zone)).changed is True
    assert (zone.addresses(), zone.properties()["metadata"]["team"]) == ([NEW], "other")


async def test_a_name_that_was_never_there_is_made_once(zone: Zone) -> None:
    """It leads nowhere at first; two workers at once make one record set."""
    done = await cut_over(zone, name="new.example.com", before=[])
    assert zone.properties(name="new")["ARecords"] == [{"ipv4Address": NEW}]
    assert "before it led to nothing" in done.reason
    sentence = await refused(
        f"{USES}.undo",
        zone.settings(name="new.example.com", before=[]),
        ErrorType.WRONG_STATE,
        within=WITHIN,
        before=done.before,
    )
    assert "it led nowhere: it is left as it is" in sentence


async def test_undo_brings_back_exactly_what_was(zone: Zone) -> None:
    """Its time to live too."""
    done = await cut_over(zone)
    undone = await perform(f"{USES}.undo", zone.settings(), within=WITHIN, before=done.before)
    assert (undone.changed, zone.addresses(), zone.properties()["TTL"]) == (True, [OLD], 33)


async def test_undo_leaves_what_another_has_led_elsewhere(zone: Zone) -> None:
    """By hand, after this step."""
    done = await cut_over(zone)
    zone.lead(OTHER)
    sentence = await refused(f"{USES}.undo", zone.settings(), ErrorType.WRONG_STATE, within=WITHIN, before=done.before)
    assert OTHER in sentence
    assert zone.addresses() == [OTHER]


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [({ACTIVE: 0, STANDBY: 0}, "would lead nowhere"), ({}, "would lead nowhere"), ({"mars": 1}, "mars has nothing")],
)
async def test_an_empty_set_is_never_written(zone: Zone, weights: dict[str, int], sentence: str) -> None:
    """Azure would take it."""
    told = await refused(USES, zone.settings(weights=weights), ErrorType.BAD_SETTINGS, within=WITHIN)
    assert sentence in told
    assert zone.azure.calls() == []


async def test_all_that_serve_are_in_one_set(zone: Zone) -> None:
    """Azure DNS gives all addresses alike."""
    await cut_over(zone, weights={ACTIVE: 50, STANDBY: 50})
    assert zone.addresses() == [OLD, NEW]


async def test_a_cname_leads_to_one_name(zone: Zone) -> None:
    """Two are refused before anything is asked."""
    places = {ACTIVE: {"to": ["old.example.com"]}, STANDBY: {"to": ["new.example.com"]}}
    names = {"name": "www.example.com", "type": "CNAME", "places": places, "before": []}
    done = await cut_over(zone, **names)
    assert done.after["servers"] == {zone.names.address: "new.example.com."}
    both = zone.settings(**names, weights={ACTIVE: 50, STANDBY: 50})
    assert "at once by one CNAME" in await refused(USES, both, ErrorType.BAD_SETTINGS, within=WITHIN)


async def test_a_name_server_that_says_otherwise_is_named(zone: Zone) -> None:
    """Although Azure has taken the change; the next try finds it done."""
    zone.names.stale["api.example.com."] = [OLD]
    sentence = await refused(USES, zone.settings(), ErrorType.NOT_YET, within=3.0)
    assert f"not every name server says so ({zone.names.address}: {OLD})" in sentence
    zone.names.stale.clear()
    assert (await cut_over(zone)).changed is False


async def test_name_servers_that_cannot_be_asked_are_no_obstacle(zone: Zone) -> None:
    """Azure's own word is proof enough, and it is said that there is no other."""
    zone.names.silent = True
    done = await cut_over(zone, timeout=0.3)
    assert done.reason.endswith("None of its name servers could be asked from here.")


async def test_a_locked_zone_is_left_alone(zone: Zone) -> None:
    """The lock is named, and nothing was sent."""
    zone.azure.arm.locks[zone.azure.id_of(KIND, ZONE)] = "ReadOnly"
    assert "The lock kept" in await refused(USES, zone.settings(), ErrorType.WRONG_STATE, within=WITHIN)
    assert zone.azure.asked(changes=True) == []


async def test_a_plan_moves_it(zone: Zone) -> None:
    """What is seen makes the plan; its step leads there."""
    own = zone.settings(places=None)
    common = ", ".join(f"{key}: {own[key]!r}" for key in ("subscription", "resource_group", "endpoint", "zone", "name"))
    places = {ACTIVE: f"{{to: [{OLD}]}}", STANDBY: f"{{to: [{NEW}]}}"}
    loaded = book("azure_dns", f"{{{common}}}", places, {ACTIVE: 100, STANDBY: 0})
    (probe,) = observations(loaded.runbook)
    seen = (await perform("detect.azure_dns", probe.settings, within=WITHIN)).reading
    assert seen is not None
    plan = failover(loaded, seen.model_copy(update={"resource": "public", "region": "public", "observed_at": NOW}))
    (step,) = cut_overs(plan)
    await perform(USES, step.settings, within=WITHIN)
    assert zone.addresses() == [NEW]
