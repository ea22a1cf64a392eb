"""Properties of every failover plan, over random systems, questions and readings."""

import json
import random

import pytest
from hypothesis import HealthCheck, Phase, assume, find, given, settings
from hypothesis import strategies as st

from runbooks import candidates
from runbooks.facts import Facts
from runbooks.models import Procedure, Runbook
from runbooks.plan import Plan, PlanError, UnsafePlanError
from runbooks.planner import Request, make_plan
from runbooks.probes import PUBLIC
from runbooks.steps import Verb
from tests.runbooks.topologies import NOW, STALE, Situation, situations

many = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def planned(situation: Situation) -> Plan:
    """The plan; a question to which there is nothing to do is no example."""
    try:
        return make_plan(situation.runbook, Procedure.FAILOVER, situation.request, situation.facts)
    except PlanError as error:
        assert "there is nothing to move out of it" in str(error)  # noqa: PT017 - the only reason there may be
        assume(False)  # noqa: FBT003 - hypothesis' own way
        raise


def behind(plan: Plan, step_id: str) -> set[str]:
    """Every step that must be done before this one starts."""
    found: set[str] = set()
    ahead = list(plan.step(step_id).needs)
    while ahead:
        need = ahead.pop()
        if need not in found:
            found.add(need)
            ahead.extend(plan.step(need).needs)
    return found


def safe(plan: Plan) -> bool:
    """Whether the plan lets itself be run."""
    try:
        plan.raise_if_unsafe()
    except UnsafePlanError:
        return False
    return True


def ids(plan: Plan, verb: Verb) -> list[str]:
    """The steps of that verb that the planner derived itself."""
    return [step.id for step in plan.steps if step.verb == verb]


@pytest.mark.parametrize("target", [True, False], ids=["target named", "target chosen"])
def test_there_are_safe_plans_to_judge(target: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The properties of safe plans speak of something: such plans are found among the random ones, refusing nothing."""

    def judged(situation: Situation) -> bool:
        if (situation.request.target is not None) != target:
            return False
        plan = planned(situation)
        return not plan.refusals and bool(ids(plan, Verb.PROMOTE)) and bool(ids(plan, Verb.CUT_OVER))

    find(situations(), judged, settings=settings(max_examples=2000, deadline=None, phases=[Phase.generate]))


@many
@given(situations())
def test_every_step_comes_after_what_it_needs(situation: Situation) -> None:
    """Ids are unique, every need is a step, and none waits for itself by any way."""
    plan = planned(situation)
    seen: set[str] = set()
    for step in plan.steps:
        assert step.id not in seen
        assert seen.issuperset(step.needs)
        seen.add(step.id)


@many
@given(situations())
def test_fence_before_promote(situation: Situation) -> None:
    """No server is promoted before the old primary of the same data is fenced in the region being left."""
    plan = planned(situation)
    for step_id in ids(plan, Verb.PROMOTE):
        promote = plan.step(step_id)
        fences = [plan.step(need) for need in behind(plan, step_id) if plan.step(need).verb == Verb.FENCE]
        assert [f.region for f in fences if f.resource == promote.resource] == [plan.source]
        assert promote.region != plan.source
        assert promote.final


@many
@given(situations())
def test_nothing_is_promoted_before_what_it_needs(situation: Situation) -> None:
    """Of two data resources that both move, the needed one is promoted first."""
    plan = planned(situation)
    promotes = {plan.step(step_id).resource: step_id for step_id in ids(plan, Verb.PROMOTE)}
    for resource, step_id in promotes.items():
        for needed in situation.runbook.resources[resource].needs:
            assert needed not in promotes or promotes[needed] in behind(plan, step_id)


@many
@given(situations())
def test_nothing_is_cut_over_before_it_is_verified(situation: Situation) -> None:
    """Traffic goes to a region after every promotion, and after every check from inside of it."""
    plan = planned(situation)
    gaining = {region for region, share in plan.traffic_after.items() if share > plan.traffic_before[region]}
    for step_id in ids(plan, Verb.CUT_OVER):
        done = behind(plan, step_id)
        verified = {plan.step(need).region for need in done if plan.step(need).verb == Verb.VERIFY}
        assert gaining <= verified
        assert done.issuperset(ids(plan, Verb.PROMOTE))
        assert done.issuperset(i for i in ids(plan, Verb.VERIFY) if plan.step(i).region != PUBLIC and "public" not in i)


@many
@given(situations())
def test_what_was_promoted_is_verified_where_it_is(situation: Situation) -> None:
    """A check that writes a row is asked in the region that holds the writer now."""
    plan = planned(situation)
    checked = {check.resource for check in situation.runbook.checks if check.kind == "sql"}
    verified = {(s.resource, s.region) for s in plan.steps if s.uses == "verify.sql"}
    for step_id in ids(plan, Verb.PROMOTE):
        promote = plan.step(step_id)
        assert promote.resource not in checked or (promote.resource, promote.region) in verified


@many
@given(situations(), st.randoms(use_true_random=False))
def test_same_input_same_checksum(situation: Situation, chance: random.Random) -> None:
    """Neither a way through JSON nor the order of the readings or of their values changes the plan."""
    plan = planned(situation)
    again = Situation(
        Runbook.model_validate_json(situation.runbook.model_dump_json()),
        Request.model_validate_json(situation.request.model_dump_json()),
        shuffled(situation.facts, chance),
    )
    assert planned(again).checksum == plan.checksum
    assert Plan.model_validate_json(plan.model_dump_json()).checksum == plan.checksum


def shuffled(facts: Facts, chance: random.Random) -> Facts:
    """The same facts, told in another order."""
    data = json.loads(facts.model_dump_json())
    for key in ("readings", "history"):
        chance.shuffle(data[key])
        for reading in data[key]:
            items = list(reading["values"].items())
            chance.shuffle(items)
            reading["values"] = dict(items)
    return Facts.model_validate(data)


@many
@given(situations())
def test_all_traffic_is_somewhere_and_none_in_the_source(situation: Situation) -> None:
    """Shares are whole percentages of 100, before and after."""
    plan = planned(situation)
    assert sum(plan.traffic_before.values()) == sum(plan.traffic_after.values()) == 100
    assert plan.traffic_after[plan.source] == 0
    assert min(plan.traffic_after.values()) >= 0
    assert plan.traffic_before.keys() == plan.traffic_after.keys() == situation.runbook.regions.keys()


@many
@given(situations())
def test_who_gets_traffic_is_large_enough(situation: Situation) -> None:
    """A region that gains traffic is scaled to its own size and its part of the source's; nothing shrinks."""
    plan = planned(situation)
    lost = plan.traffic_before[plan.source]
    for name, resource in situation.runbook.resources.items():
        if resource.kind != "process":
            continue
        scales = [step for step in plan.steps if step.verb == Verb.SCALE and step.resource == name]
        sizes = {step.region: int(str(step.settings["replicas"])) for step in scales}
        assert all(sizes[region] >= resource.replicas[region] for region in sizes)
        for region, share in plan.traffic_after.items():
            gain = share - plan.traffic_before[region]
            own = resource.replicas[region] if plan.traffic_before[region] else 0
            if gain > 0:
                assert (sizes[region] - own) * lost >= resource.replicas[plan.source] * gain


@many
@given(situations())
def test_traffic_is_planned_as_the_public_name_can_share_it(situation: Situation) -> None:
    """A name that cannot weigh gives equal shares: a plan that counts on others would scale too little."""
    plan = planned(situation)
    if ids(plan, Verb.CUT_OVER):
        given_shares = [share for share in plan.traffic_after.values() if share]
        assert max(given_shares) - min(given_shares) <= 1


@many
@given(situations())
def test_who_is_outrun_by_a_rival_is_promoted_within_the_objective_only(situation: Situation) -> None:
    """With no loss accepted, a server that another readable one is ahead of loses at most the RPO, and says so."""
    plan = planned(situation)
    losses = {loss.resource: loss for loss in plan.loss}
    for step_id in ids(plan, Verb.PROMOTE):
        promote = plan.step(step_id)
        seen = positions(situation, promote.resource, plan.source)
        outrun = promote.region in seen and seen[promote.region] < max(seen.values())
        if outrun and safe(plan) and f"loss:{promote.resource}" not in plan.accepted:
            loss = losses[promote.resource]
            assert loss.seconds is not None
            assert 0 < loss.seconds <= plan.rpo
            assert "ahead of" in loss.sentence


@many
@given(situations())
def test_the_least_behind_of_the_heirs_is_promoted(situation: Situation) -> None:
    """Among the regions that take the traffic over, the one with the newest data gets the writer."""
    plan = planned(situation)
    heirs = [r for r, share in plan.traffic_after.items() if share]
    for step_id in ids(plan, Verb.PROMOTE):
        promote = plan.step(step_id)
        seen = positions(situation, promote.resource, plan.source)
        if situation.request.target is not None:
            assert promote.region == situation.request.target
        elif plan.traffic_before[plan.source]:
            assert seen.get(promote.region, -1) == max(seen.get(heir, -1) for heir in heirs)


def positions(situation: Situation, resource: str, source: str) -> dict[str, int]:
    """How far each readable server outside the source is."""
    fresh = {r: candidates.values(situation.facts.fresh(resource, r)) for r in situation.runbook.regions if r != source}
    return {region: value.position for region, value in fresh.items() if value is not None}


@many
@given(situations())
def test_stale_readings_change_nothing(situation: Situation) -> None:
    """A plan from old and new readings is the plan from the new ones alone."""
    fresh = tuple(r for r in situation.facts.readings if situation.facts.at - r.observed_at <= situation.facts.max_age)
    without = situation.facts.model_copy(update={"readings": fresh})
    assert planned(situation).checksum == planned(Situation(situation.runbook, situation.request, without)).checksum


@many
@given(situations(ages=STALE))
def test_old_readings_alone_make_no_plan_safe(situation: Situation) -> None:
    """When nothing was seen lately, nothing is promoted and no name is cut over."""
    plan = planned(situation)
    if ids(plan, Verb.PROMOTE) or ids(plan, Verb.CUT_OVER):
        assert not safe(plan)


@many
@given(situations())
def test_a_reading_from_the_future_is_not_fresh(situation: Situation) -> None:
    """A clock that runs ahead must not keep a reading young for ever."""
    ahead = tuple(r.model_copy(update={"observed_at": NOW + 3600}) for r in situation.facts.readings)
    plan = planned(
        Situation(situation.runbook, situation.request, situation.facts.model_copy(update={"readings": ahead}))
    )
    if ids(plan, Verb.PROMOTE) or ids(plan, Verb.CUT_OVER):
        assert not safe(plan)


@many
@given(situations())
def test_loss_over_the_objective_must_be_accepted_by_name(situation: Situation) -> None:
    """What may be lost beyond the RPO, or could not be measured, stops the plan until its name is said."""
    plan = planned(situation)
    for loss in plan.loss:
        too_much = loss.seconds is None or loss.seconds > plan.rpo
        if too_much and f"loss:{loss.resource}" not in plan.accepted:
            with pytest.raises(UnsafePlanError) as caught:
                plan.raise_if_unsafe()
            assert {f"loss:{loss.resource}", None} & {refusal.name for refusal in caught.value.refusals}


@many
@given(situations())
def test_accepting_by_name_accepts_that_and_nothing_else(situation: Situation) -> None:
    """Every named refusal goes when its name is said; one without a name never goes."""
    plan = planned(situation)
    names = {refusal.name for refusal in plan.refusals if refusal.name is not None}
    request = situation.request.model_copy(update={"accept": tuple(names)})
    willing = planned(Situation(situation.runbook, request, situation.facts))
    assert willing.steps == plan.steps
    assert willing.refusals == plan.refusals
    assert safe(willing) == all(refusal.name is not None for refusal in plan.refusals)


@many
@given(situations())
def test_a_silent_source_needs_power_or_acceptance(situation: Situation) -> None:
    """Promotion while the old primary cannot be seen needs something that can switch it off, or a person's word."""
    plan = planned(situation)
    for step_id in ids(plan, Verb.PROMOTE):
        name = plan.step(step_id).resource
        silent = candidates.values(situation.facts.fresh(name, plan.source)) is None
        power = "power" in situation.runbook.settings_of(name, plan.source)
        if silent and not power and f"unproved-fence:{name}" not in plan.accepted:
            assert not safe(plan)


@many
@given(situations())
def test_no_safe_plan_promotes_beside_an_unseen_writer(situation: Situation) -> None:
    """Unless the source was seen to hold the writer, a region that cannot be seen may hold it: two writers threaten."""
    plan = planned(situation)
    for step_id in ids(plan, Verb.PROMOTE):
        promote = plan.step(step_id)
        seen = positions(situation, promote.resource, plan.source)
        unseen = set(situation.runbook.regions) - {plan.source} - seen.keys()
        if unseen and not held_by_source(situation, promote.resource):
            accepted = f"unseen-writer:{promote.resource}" in plan.accepted
            assert accepted or not safe(plan)


def held_by_source(situation: Situation, resource: str) -> bool:
    """The source was seen as the primary, now or shortly before the fault."""
    facts, source = situation.facts, situation.request.source
    fault = facts.at if facts.fault_at is None else facts.fault_at
    past = [r for r in facts.history if (r.resource, r.region) == (resource, source)]
    near = [r for r in past if 0 <= fault - r.observed_at <= facts.max_age]
    seen = [candidates.values(reading) for reading in (facts.fresh(resource, source), *near)]
    return any(value is not None and value.role == "primary" for value in seen)
