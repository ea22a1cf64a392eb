"""Properties of every procedure's plan, over random systems in any state; failovers alone have their own file."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, assume, find, given, settings

from runbooks.kinds import KINDS
from runbooks.models import PLANNED, Procedure
from runbooks.plan import Plan, PlanError, Reversibility, Step
from runbooks.planner import make_plan
from runbooks.probes import PUBLIC
from runbooks.reversal import behind, undone_by_abort
from runbooks.steps import Verb
from tests.runbooks.topologies import Situation, anything

many = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
PLANS = (Procedure.FAILOVER, Procedure.SWITCHOVER, Procedure.FAILBACK, Procedure.DRILL)
every = pytest.mark.parametrize("procedure", PLANS)
moving = pytest.mark.parametrize("procedure", [Procedure.SWITCHOVER, Procedure.FAILBACK])


def planned(situation: Situation, procedure: Procedure) -> Plan:
    """The plan; a question that makes no sense is no example."""
    try:
        return make_plan(situation.runbook, procedure, situation.request, situation.facts)
    except PlanError:
        assume(False)  # noqa: FBT003 - hypothesis' own way
        raise


def of(plan: Plan, verb: Verb, resource: str | None = None) -> list[Step]:
    """The steps of that verb that the planner derived itself."""
    return [step for step in plan.steps if step.verb == verb and resource in (None, step.resource)]


def steps_behind(plan: Plan, step: Step) -> list[Step]:
    """Every step that is done before this one begins."""
    return [plan.step(step_id) for step_id in sorted(behind(plan, step))]


@pytest.mark.parametrize(
    ("procedure", "wanted"),
    [
        (Procedure.FAILOVER, [Verb.PROMOTE, Verb.CUT_OVER]),
        (Procedure.SWITCHOVER, [Verb.PROMOTE, Verb.CUT_OVER, Verb.RESEED]),
        (Procedure.FAILBACK, [Verb.PROMOTE, Verb.CUT_OVER, Verb.RESEED]),
        (Procedure.DRILL, [Verb.SCALE, Verb.VERIFY]),
    ],
)
def test_there_are_plans_to_judge_that_refuse_nothing(procedure: Procedure, wanted: list[Verb]) -> None:
    """The properties speak of something: safe plans with all that they are about are among the random ones."""

    def judged(situation: Situation) -> bool:
        plan = planned(situation, procedure)
        return not plan.refusals and all(of(plan, verb) for verb in wanted)

    find(anything(), judged, settings=settings(max_examples=4000, deadline=None, phases=[Phase.generate]))


@every
@many
@given(situation=anything())
def test_every_step_comes_after_what_it_needs(procedure: Procedure, situation: Situation) -> None:
    """Ids are unique, every need is a step, and none waits for itself by any way."""
    plan = planned(situation, procedure)
    seen: set[str] = set()
    for step in plan.steps:
        assert step.id not in seen
        assert seen.issuperset(step.needs)
        seen.add(step.id)


@every
@many
@given(situation=anything())
def test_fence_before_promote_and_one_promotion_each(procedure: Procedure, situation: Situation) -> None:
    """No server is promoted before another of the same data is fenced; no data is promoted twice."""
    plan = planned(situation, procedure)
    promotes = of(plan, Verb.PROMOTE)
    assert len({step.resource for step in promotes}) == len(promotes)
    for promote in promotes:
        ahead = steps_behind(plan, promote)
        fenced = [s.region for s in ahead if s.verb == Verb.FENCE and s.resource == promote.resource]
        assert [region for region in fenced if region != promote.region]


@moving
@many
@given(situation=anything())
def test_the_new_primary_has_everything(procedure: Procedure, situation: Situation) -> None:
    """Between the fence and the promotion it waits for all that the fenced one has, and only for that."""
    plan = planned(situation, procedure)
    for promote in of(plan, Verb.PROMOTE):
        ahead = steps_behind(plan, promote)
        exact = [s for s in ahead if s.settings.get("exact") and s.resource == promote.resource]
        assert [(s.verb, s.region) for s in exact] == [(Verb.CATCH_UP, promote.region)]
        (fence,) = (plan.step(need) for need in exact[0].needs if plan.step(need).verb == Verb.FENCE)
        assert exact[0].id in promote.needs
        upstream = situation.runbook.settings_of(promote.resource, fence.region)
        assert promote.settings["upstream"] == exact[0].settings["upstream"] == upstream
    assert [loss.seconds for loss in plan.loss] == [0.0] * len(of(plan, Verb.PROMOTE))


@moving
@many
@given(situation=anything())
def test_writes_stop_as_late_as_possible(procedure: Procedure, situation: Situation) -> None:
    """Before the first fence of a living primary everything is large enough, looked at, and nearly caught up."""
    plan = planned(situation, procedure)
    stopping = [step for step in of(plan, Verb.FENCE) if step.id.startswith("fence.")]
    near = {step.id for step in plan.steps if step.id.endswith(".near")}
    for fence in stopping:
        ahead = steps_behind(plan, fence)
        assert near <= {step.id for step in ahead}
        places = {promote.region for promote in of(plan, Verb.PROMOTE)}
        assert places <= {step.region for step in ahead if step.verb == Verb.VERIFY}
        scaled = {step.id for step in of(plan, Verb.SCALE) if step.id.startswith("scale.") and step.region in places}
        assert scaled <= {step.id for step in ahead} or situation.runbook.policy.of(procedure).cut_over != "when-scaled"


@every
@many
@given(situation=anything())
def test_nothing_is_cut_over_before_it_is_promoted_and_verified(procedure: Procedure, situation: Situation) -> None:
    """Traffic goes to a region after every promotion, and after every check from inside of it."""
    plan = planned(situation, procedure)
    gaining = {region for region, share in plan.traffic_after.items() if share > plan.traffic_before[region]}
    inside = {s.id for s in of(plan, Verb.VERIFY) if s.region != PUBLIC and PUBLIC not in s.id}
    for step in of(plan, Verb.CUT_OVER):
        ahead = {other.id for other in steps_behind(plan, step)}
        assert ahead.issuperset(promote.id for promote in of(plan, Verb.PROMOTE))
        assert ahead.issuperset(inside)
        assert gaining <= {plan.step(other).region for other in inside}


@every
@many
@given(situation=anything())
def test_all_traffic_is_somewhere(procedure: Procedure, situation: Situation) -> None:
    """Shares are whole percentages of 100, before and after."""
    plan = planned(situation, procedure)
    assert sum(plan.traffic_before.values()) == sum(plan.traffic_after.values()) == 100
    assert min(plan.traffic_after.values()) >= 0


@every
@many
@given(situation=anything())
def test_reversibility_is_what_the_kind_says(procedure: Procedure, situation: Situation) -> None:
    """Promotions and rebuilds are final; only what has an `undo` is called reversible."""
    plan = planned(situation, procedure)
    for step in plan.steps:
        assert step.final == (step.verb in (Verb.PROMOTE, Verb.RESEED))
        if step.reversibility is Reversibility.REVERSIBLE:
            assert step.verb in KINDS[step.uses.partition(".")[2]].undoes


@every
@many
@given(situation=anything())
def test_an_abort_undoes_nothing_that_comes_after_a_promotion(procedure: Procedure, situation: Situation) -> None:
    """And never lifts the fence of a former primary."""
    plan = planned(situation, procedure)
    for step in undone_by_abort(plan):
        assert Verb.PROMOTE not in {other.verb for other in steps_behind(plan, step)}
        assert not step.id.startswith("fence_former")


@every
@many
@given(situation=anything())
def test_same_input_same_checksum(procedure: Procedure, situation: Situation) -> None:
    """Made twice, and after a way through JSON."""
    plan = planned(situation, procedure)
    assert planned(situation, procedure).checksum == plan.checksum
    assert Plan.model_validate_json(plan.model_dump_json()).checksum == plan.checksum


@every
@many
@given(situation=anything())
def test_two_servers_are_told_of_one_another(procedure: Procedure, situation: Situation) -> None:
    """Steps that concern two servers have the other one's settings, and it is another one."""
    plan = planned(situation, procedure)
    two = (Verb.CATCH_UP, Verb.RESEED, Verb.COMPARE, Verb.SALVAGE)
    paired = [step for step in plan.steps if step.verb in two or (step.verb == Verb.PROMOTE and procedure in PLANNED)]
    for step in paired:
        own = situation.runbook.settings_of(step.resource, step.region)
        others = [situation.runbook.settings_of(step.resource, region) for region in situation.runbook.regions]
        assert step.settings["upstream"] in others
        assert step.settings["upstream"] != own


@moving
@many
@given(situation=anything())
def test_the_old_primary_follows_when_all_is_done(procedure: Procedure, situation: Situation) -> None:
    """Off the critical path: it is rebuilt as a standby of the new one, after the last look through the public name."""
    plan = planned(situation, procedure)
    for promote in of(plan, Verb.PROMOTE):
        if Verb.RESEED not in KINDS[situation.runbook.resources[promote.resource].kind].verbs:
            continue
        (fence,) = (plan.step(need) for need in promote.needs if plan.step(need).verb == Verb.FENCE)
        (rebuilt,) = (s for s in of(plan, Verb.RESEED, promote.resource) if s.region == fence.region)
        ahead = {step.id for step in steps_behind(plan, rebuilt)}
        assert promote.id in ahead
        assert ahead.issuperset(step.id for step in of(plan, Verb.CUT_OVER))
        assert ahead.issuperset(step.id for step in of(plan, Verb.VERIFY) if PUBLIC in step.id)


@many
@given(situation=anything())
def test_nothing_is_rebuilt_before_it_was_searched_for_what_only_it_has(situation: Situation) -> None:
    """In a failback, where the kind can; and what moves home is rebuilt, compared and near before writes stop."""
    plan = planned(situation, Procedure.FAILBACK)
    able: Callable[[Step, Verb], bool] = lambda step, verb: verb in KINDS[step.uses.partition(".")[2]].verbs  # noqa: E731
    for promote in of(plan, Verb.PROMOTE):
        ahead = steps_behind(plan, promote)
        rebuilt = [s for s in ahead if s.verb == Verb.RESEED and s.resource == promote.resource]
        for step in rebuilt:
            searched = [s for s in steps_behind(plan, step) if s.verb == Verb.SALVAGE and s.region == step.region]
            assert bool(searched) or not able(step, Verb.SALVAGE)
        compared = [s for s in ahead if s.verb == Verb.COMPARE and s.resource == promote.resource]
        assert bool(compared) or not able(promote, Verb.COMPARE)


@many
@given(situation=anything())
def test_who_had_taken_over_is_small_again_when_all_is_home(situation: Situation) -> None:
    """Scaled in to the declared size, and only once clients have left."""
    plan = planned(situation, Procedure.FAILBACK)
    for step in of(plan, Verb.SCALE):
        if step.settings.get("down"):
            assert step.settings["replicas"] == situation.runbook.resources[step.resource].replicas[step.region]
            assert plan.traffic_after[step.region] < plan.traffic_before[step.region]
            ahead = {other.id for other in steps_behind(plan, step)}
            assert ahead.issuperset(other.id for other in of(plan, Verb.CUT_OVER))


@many
@given(situation=anything())
def test_a_rehearsal_touches_neither_writers_nor_traffic(situation: Situation) -> None:
    """It grows, looks, promotes copies, and shrinks again whatever it has grown."""
    plan = planned(situation, Procedure.DRILL)
    assert {step.verb for step in plan.steps} <= {Verb.SCALE, Verb.VERIFY, Verb.REHEARSE}
    assert plan.traffic_after == plan.traffic_before
    assert {step.uses for step in of(plan, Verb.VERIFY)} <= {"verify.http", "verify.tcp", "verify.inference"}
    for step in of(plan, Verb.SCALE):
        if step.settings.get("down"):
            assert set(step.needs) == {other.id for other in plan.steps if not other.settings.get("down")}
