import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from runbooks.probes import observations
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, refused
from tests.activities.route53_zone import NEW, OLD, PUBLIC, THIRD, Zone, record, upsert, zone_of
from tests.aws.world import World
from tests.runbooks.public_names import NOW, book, cut_overs, failover

USES = "cut_over.route53"
WITHIN = 12.0


@pytest.fixture
def zone(aws: World) -> Iterator[Zone]:
    """A zone whose name leads to the active region."""
    with zone_of(aws) as made:
        made.weighted(old=100, new=0)
        yield made


async def cut_over(zone: Zone, **more: Any) -> Any:
    """The step, as a plan would say it."""
    epoch = more.pop("epoch", EPOCH)
    return await perform(USES, zone.settings(**more), within=WITHIN, epoch=epoch)


async def no(zone: Zone, kind: ErrorType, epoch: int = EPOCH, **more: Any) -> str:
    """How it is refused."""
    return await refused(USES, zone.settings(**more), kind, within=WITHIN, epoch=epoch)


async def test_the_weights_move_and_the_name_servers_say_so(zone: Zone) -> None:
    """One batch: both records and the decision beside them."""
    done = await cut_over(zone)
    assert zone.weights() == {OLD: 0, NEW: 100}
    assert zone.epoch() == [f'"epoch={EPOCH}"']
    assert done.reason == (
        f"api.example.com leads to {STANDBY}; before it led to {ACTIVE}. Old answers live up to 60 s. "
        "1 name server says so."
    )
    assert (done.before["leads"], done.after["leads"]) == ({ACTIVE: 100}, {STANDBY: 100})
    assert done.after["servers"] == {zone.names.address: NEW}
    assert zone.aws.asked(changes=True).count("route53:ChangeResourceRecordSets") == 1 + 1


async def test_shares_and_a_standby(zone: Zone) -> None:
    """Half each for two regions; the standby keeps a record without weight."""
    places = {ACTIVE: {"to": [OLD]}, STANDBY: {"to": [NEW]}, "ap-southeast-2": {"to": [THIRD]}}
    await cut_over(zone, places=places, weights={ACTIVE: 50, STANDBY: 50, "ap-southeast-2": 0})
    assert zone.weights() == {OLD: 50, NEW: 50, THIRD: 0}


async def test_a_change_that_stays_pending_is_looked_at_again(zone: Zone) -> None:
    """It says what it waits for; the next try finds the work done and changes nothing."""
    zone.aws.tell("route53", takes=1000)
    sentence = await refused(USES, zone.settings(), ErrorType.NOT_YET, within=3.0)
    assert "not all of its name servers have it (/change/" in sentence
    again = await cut_over(zone)
    assert (again.changed, again.reason) == (
        False,
        f"api.example.com leads to {STANDBY} already. 1 name server says so.",
    )


async def test_it_waits_until_it_is_in_sync(zone: Zone) -> None:
    """Two looks find it pending."""
    zone.aws.tell("route53", takes=2)
    await cut_over(zone)
    assert zone.aws.asked().count("route53:GetChange") == 3


async def test_a_name_server_that_says_otherwise_is_named(zone: Zone) -> None:
    """Although Route 53 holds the change for done."""
    zone.names.stale[PUBLIC, "A"] = zone.sets()
    sentence = await refused(USES, zone.settings(), ErrorType.NOT_YET, within=4.0)
    assert f"not every name server says so ({zone.names.address}: {OLD})" in sentence


async def test_name_servers_that_cannot_be_asked_are_no_obstacle(zone: Zone) -> None:
    """Route 53's own word is proof enough, and it is said that there is no other."""
    zone.names.silent = True
    done = await cut_over(zone, timeout=0.3)
    assert done.reason.endswith("None of its name servers could be asked from here.")
    assert zone.weights() == {OLD: 0, NEW: 100}


async def test_somebody_else_comes_between_look_and_batch(zone: Zone) -> None:
    """The whole batch fails, he is seen at the second look, and what he did stays."""
    zone.aws.tell("route53", meanwhile=[upsert(record("192.0.2.77", SetIdentifier=ACTIVE, Weight=100))])
    sentence = await no(zone, ErrorType.WRONG_STATE)
    assert "leads to 192.0.2.77 (`us-east-1`), which is neither where it led at planning" in sentence
    assert (zone.weights(), zone.epoch()) == ({"192.0.2.77": 100, NEW: 0}, [])


async def test_a_change_of_no_matter_between_look_and_batch_is_overcome(zone: Zone) -> None:
    """Somebody has only given the record another time to live: it still leads there."""
    zone.aws.tell("route53", meanwhile=[upsert({**zone.weight("old", 100), "TTL": 5})])
    done = await cut_over(zone)
    assert (done.changed, zone.weights()) == (True, {OLD: 0, NEW: 100})


async def test_a_batch_that_route_53_never_takes_is_no_conflict(zone: Zone) -> None:
    """Nobody else changed anything: the runbook is wrong, and Route 53's own words are told."""
    places = {ACTIVE: {"to": [OLD]}, STANDBY: {"to": [NEW], "health_check": "none"}}
    sentence = await no(zone, ErrorType.BAD_SETTINGS, places=places)
    assert "Nobody else has changed api.example.com, so it is the change itself" in sentence
    assert "health check none does not exist" in sentence
    assert zone.weights() == {OLD: 100, NEW: 0}


async def test_of_two_decisions_at_once_the_newer_stays(zone: Zone) -> None:
    """Whatever the order, the older one is refused or overwritten, never the last."""
    both = {"before": [ACTIVE, STANDBY]}
    there, back = {ACTIVE: 0, STANDBY: 100}, {ACTIVE: 100, STANDBY: 0}
    await asyncio.gather(
        *(
            perform(USES, zone.settings(weights=weights, before=None), within=WITHIN, epoch=epoch)
            for weights, epoch in ((back, 1), (there, 2), (back, 3), (there, 4))
        ),
        return_exceptions=True,
    )
    assert zone.epoch() == ['"epoch=4"'], both
    assert zone.weights() == {OLD: 0, NEW: 100}


async def test_a_newer_decision_is_noted_even_when_nothing_moves(zone: Zone) -> None:
    """Else an older one could still undo it."""
    done = await cut_over(zone, weights={ACTIVE: 100, STANDBY: 0})
    assert (done.changed, zone.epoch()) == (True, [f'"epoch={EPOCH}"'])
    assert "already" in done.reason


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [({ACTIVE: 0, STANDBY: 0}, "would lead nowhere"), ({}, "would lead nowhere"), ({"mars": 1}, "mars has nothing")],
)
async def test_an_empty_set_is_never_written(zone: Zone, weights: dict[str, int], sentence: str) -> None:
    """Nor one whose weights are all zero, which Route 53 would answer with everything."""
    assert sentence in await no(zone, ErrorType.BAD_SETTINGS, weights=weights)
    assert zone.weights() == {OLD: 100, NEW: 0}


async def test_undo_brings_back_exactly_what_was(zone: Zone) -> None:
    """Also what the runbook would have written otherwise: another time to live."""
    zone.change(upsert({**zone.weight("old", 70), "TTL": 33}))
    was = zone.sets()
    done = await cut_over(zone)
    undone = await perform(f"{USES}.undo", zone.settings(), within=WITHIN, before=done.before)
    assert (undone.changed, zone.sets()) == (True, was)


@pytest.mark.parametrize("known", [True, False])
async def test_undo_of_an_act_that_ran_twice_leads_back_all_the_same(zone: Zone, known: bool) -> None:  # noqa: FBT001
    """The second one saw the first one's work; the plan knows where the name led."""
    await cut_over(zone)
    again = await cut_over(zone)
    before = again.before if known else {}
    await perform(f"{USES}.undo", zone.settings(), within=WITHIN, before=before)
    assert zone.weights() == {OLD: 100, NEW: 0}


async def test_undo_leaves_what_another_has_led_elsewhere(zone: Zone) -> None:
    """A newer decision, and a change by hand."""
    done = await cut_over(zone)
    await cut_over(zone, epoch=EPOCH + 1)
    undo = {"within": WITHIN, "before": done.before}
    await refused(f"{USES}.undo", zone.settings(), ErrorType.STALE_EPOCH, **undo)
    zone.weighted(old=1)
    sentence = await refused(f"{USES}.undo", zone.settings(), ErrorType.WRONG_STATE, **undo, epoch=EPOCH + 1)
    assert "192.0.2" not in sentence
    assert zone.weights() == {OLD: 1, NEW: 100}


async def test_a_simple_record_holds_all_that_serve(zone: Zone) -> None:
    """A weighted name becomes a simple one, in one batch."""
    done = await cut_over(zone, routing="simple", weights={ACTIVE: 50, STANDBY: 50})
    assert [each["Value"] for each in zone.sets()[0]["ResourceRecords"]] == [OLD, NEW]
    assert done.after["leads"] == {ACTIVE: 1, STANDBY: 1}


async def test_failover_routing_makes_the_other_the_primary(zone: Zone) -> None:
    """The region that is left becomes the standby when there is no other."""
    check = zone.route53.create_health_check(
        CallerReference="it", HealthCheckConfig={"Type": "TCP", "IPAddress": NEW, "Port": 443}
    )["HealthCheck"]["Id"]
    places = {region: {"to": [to], "health_check": check} for region, to in ((ACTIVE, OLD), (STANDBY, NEW))}
    await cut_over(zone, routing="failover", places=places)
    found = {each["SetIdentifier"]: (each["Failover"], each["HealthCheckId"]) for each in zone.sets()}
    assert found == {ACTIVE: ("SECONDARY", check), STANDBY: ("PRIMARY", check)}
    sentence = await no(zone, ErrorType.BAD_SETTINGS, routing="failover", weights={ACTIVE: 50, STANDBY: 50})
    assert "leads to one region by failover routing" in sentence


async def test_aliases_and_names(zone: Zone) -> None:
    """Weighted aliases of the zone's own records; then a CNAME of another name."""
    zone.change(upsert(record(OLD, name="old.example.com.")), upsert(record(NEW, name="new.example.com.")))
    zone.change(*({"Action": "DELETE", "ResourceRecordSet": each} for each in zone.sets()))
    targets = {ACTIVE: "old.example.com", STANDBY: "new.example.com"}
    aliases = {region: {"to": [to], "alias_zone": zone.id} for region, to in targets.items()}
    done = await cut_over(zone, places=aliases, before=[])
    found = {each["AliasTarget"]["DNSName"].rstrip("."): each["Weight"] for each in zone.sets()}
    assert found == {"old.example.com": 0, "new.example.com": 100}
    assert done.after["servers"] == {zone.names.address: NEW}
    names = {region: {"to": [to]} for region, to in targets.items()}
    other = {"name": "www.example.com", "type": "CNAME", "places": names, "before": []}
    done = await cut_over(zone, **other)
    assert done.after["servers"] == {zone.names.address: "new.example.com."}
    assert "beside which none of type A can be" in await no(zone, ErrorType.WRONG_STATE, name="www.example.com")


async def test_a_stage_is_left_to_itself_for_a_while(zone: Zone) -> None:
    """Its pause is part of the step."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await cut_over(zone, weights={ACTIVE: 90, STANDBY: 10}, pause=1)
    assert zone.weights() == {OLD: 90, NEW: 10}
    assert loop.time() - began >= 1


async def test_a_plan_moves_it_in_stages_and_back(zone: Zone) -> None:
    """What is seen makes the plan; its steps one after another lead there, their undoing in reverse leads home."""
    common = f"{{zone_id: {zone.id}, name: api.example.com, endpoint: '{zone.aws.url}', stages: [10, 50]}}"
    places = {ACTIVE: f"{{to: [{OLD}]}}", STANDBY: f"{{to: [{NEW}]}}"}
    loaded = book("route53", common, places, {ACTIVE: 100, STANDBY: 0})
    (probe,) = observations(loaded.runbook)
    seen = (await perform("detect.route53", probe.settings, within=WITHIN)).reading
    assert seen is not None
    plan = failover(loaded, seen.model_copy(update={"resource": "public", "region": "public", "observed_at": NOW}))
    done: list[tuple[Any, Any]] = []
    weights: list[dict[str, int]] = []
    for step in cut_overs(plan):
        done.append((step, await perform(USES, step.settings, within=WITHIN)))
        weights.append(zone.weights())
    assert weights == [{OLD: 90, NEW: 10}, {OLD: 50, NEW: 50}, {OLD: 0, NEW: 100}]
    for step, result in reversed(done):
        await perform(f"{USES}.undo", step.settings, within=WITHIN, before=result.before)
    assert zone.weights() == {OLD: 100, NEW: 0}
