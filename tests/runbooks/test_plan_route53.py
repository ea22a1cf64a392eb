"""Plans whose public name is in Route 53: shares as they are, stages one after another."""

from typing import Any

import pytest

from activities.clients.route53_sets import Route53Name
from runbooks.faults import RunbookError
from runbooks.load import LoadedRunbook
from tests.runbooks.public_names import REGIONS, book, cut_overs, failover, leading

FIRST, SECOND, THIRD = REGIONS
DNS = "  - {kind: dns, resource: public, name: servers}"


def system(shares: dict[str, int], common: str = "", checks: str = DNS, **places: str) -> LoadedRunbook:
    """The public name leads to an address in each region."""
    settings = {name: places.get(name, f"{{to: [192.0.2.{n}]}}") for n, name in enumerate(shares, 1)}
    return book("route53", f"{{zone_id: ZONE1, name: api.example.com{common}}}", settings, shares, checks)


def test_active_passive() -> None:
    """One step, which knows all places, where it leads and led; the name servers are asked in the end."""
    plan = failover(system({FIRST: 100, SECOND: 0}), leading(FIRST, weights={FIRST: 100}))
    (step,) = cut_overs(plan)
    assert (step.uses, step.sentence) == ("cut_over.route53", f"Cut public over from {FIRST} to {SECOND}")
    told = Route53Name.model_validate(step.settings)
    assert {region: place.to for region, place in told.places.items()} == {
        FIRST: ("192.0.2.1",),
        SECOND: ("192.0.2.2",),
    }
    assert (told.weights, told.before, told.weights_before) == (
        {FIRST: 0, SECOND: 100},
        (FIRST,),
        {FIRST: 100, SECOND: 0},
    )
    verify = next(each for each in plan.steps if each.id == "verify.servers.public")
    assert (verify.uses, verify.needs) == ("verify.route53", (step.id,))
    assert Route53Name.model_validate(verify.settings).serving == (SECOND,)


def test_half_and_half_with_a_standby() -> None:
    """The survivor takes all; the standby none, though its record stays."""
    plan = failover(system({FIRST: 50, SECOND: 50, THIRD: 0}), leading(FIRST, SECOND, weights={FIRST: 1, SECOND: 1}))
    (step,) = cut_overs(plan)
    assert step.settings["weights"] == {FIRST: 0, SECOND: 100, THIRD: 0}
    assert plan.traffic_before == {FIRST: 50, SECOND: 50, THIRD: 0}


def test_unequal_shares_are_kept() -> None:
    """A kind that weighs gives each survivor its part; what is seen counts more than what is declared."""
    seen = leading(*REGIONS, weights={FIRST: 40, SECOND: 40, THIRD: 20})
    plan = failover(system({FIRST: 34, SECOND: 33, THIRD: 33}), seen)
    assert plan.traffic_after == {FIRST: 0, SECOND: 67, THIRD: 33}
    assert plan.notes == ()


def test_a_simple_record_cannot_weigh() -> None:
    """It is said, and the regions share equally."""
    plan = failover(system({FIRST: 20, SECOND: 60, THIRD: 20}, ", routing: simple"), leading(*REGIONS))
    assert plan.traffic_after == {FIRST: 0, SECOND: 50, THIRD: 50}
    assert plan.notes == (f"route53 cannot weigh; {SECOND} and {THIRD} will share the traffic equally",)


def test_stages_are_steps_one_after_another() -> None:
    """Each starts from the shares of the one before, and only the last one has no pause."""
    loaded = system({FIRST: 100, SECOND: 0}, ", stages: [10, 50], pause: 30s")
    plan = failover(loaded, leading(FIRST, weights={FIRST: 100}))
    steps = cut_overs(plan)
    told = [Route53Name.model_validate(step.settings) for step in steps]
    assert [each.weights[SECOND] for each in told] == [10, 50, 100]
    assert [each.before for each in told] == [(FIRST,), (FIRST, SECOND), (FIRST, SECOND)]
    assert [each.weights_before[FIRST] for each in told] == [100, 90, 50]
    assert [each.pause for each in told] == [30, 30, 0]
    assert [step.needs[-1:] for step in steps[1:]] == [(steps[0].id,), (steps[1].id,)]
    assert steps[0].sentence == f"Shift a part of public: {FIRST} 90 %, {SECOND} 10 %"
    verify = next(each for each in plan.steps if each.id == "verify.servers.public")
    assert verify.needs == tuple(step.id for step in steps)


@pytest.mark.parametrize(
    ("common", "place", "sentence"),
    [
        ("", "{to: [lb.example.com]}", "`lb.example.com` in `to` is no address for a record of type A"),
        (", type: AAAA", "{to: [192.0.2.9]}", "is no address for a record of type AAAA"),
        ("", "{to: [a.example.com, b.example.com], alias_zone: Z1}", "must be one name for a CNAME or an alias"),
        (", type: CNAME", "{to: [a.example.com], alias_zone: Z1}", "a CNAME has no `alias_zone`"),
        (", stages: [50, 10]", "{to: [192.0.2.9]}", "`stages` must be percentages between 1 and 99 that grow"),
        (", stages: [50], routing: simple", "{to: [192.0.2.9]}", "simple routing cannot be moved in stages"),
        (", routing: failover", "{to: [192.0.2.9]}", "failover routing needs a `health_check` in each region"),
    ],
)
def test_what_makes_no_records_is_found_in_the_runbook(common: str, place: str, sentence: str) -> None:
    """Before anything runs."""
    places: dict[str, Any] = {FIRST: place, SECOND: place}
    with pytest.raises(RunbookError) as caught:
        system({FIRST: 100, SECOND: 0}, common, **places)
    assert sentence in str(caught.value)


def test_who_resolves_by_its_servers_must_know_them() -> None:
    """Else the check could ask nobody."""
    check = "  - {kind: http, url: 'https://api.example.com/', through: public, resolve: public, use: [verify]}"
    with pytest.raises(RunbookError) as caught:
        system({FIRST: 100, SECOND: 0}, checks=check)
    assert "public gives no `servers` to resolve the URL's host with" in str(caught.value)
    assert system({FIRST: 100, SECOND: 0}, ", servers: ['ns.example.com']", checks=check)
