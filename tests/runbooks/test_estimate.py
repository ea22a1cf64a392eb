"""How long a plan takes: properties of any plan and any past, and examples that can be checked by hand."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from runbooks.budget import budget, remaining
from runbooks.estimate import GUESSES, Estimate, Past, estimate, serving
from runbooks.models import Procedure
from runbooks.plan import Plan, PlanError
from runbooks.planner import make_plan
from runbooks.runs import RunState, Status, StepState
from runbooks.steps import Verb
from tests.runbooks.test_render import plan, state
from tests.runbooks.test_reversal import CUT_OVER, FENCE, PROMOTE, SCALE, step
from tests.runbooks.topologies import Situation, anything

many = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PROCEDURES = (Procedure.FAILOVER, Procedure.SWITCHOVER, Procedure.FAILBACK, Procedure.DRILL)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, Past]:
    """A plan of any procedure, and what is known of some of its steps."""
    situation: Situation = draw(anything())
    try:
        made = make_plan(situation.runbook, draw(st.sampled_from(PROCEDURES)), situation.request, situation.facts)
    except PlanError:
        assume(False)  # noqa: FBT003 - hypothesis' own way
        raise
    seconds = st.lists(st.floats(0, 1000), max_size=4).map(tuple)
    names = [one.id for one in made.steps if draw(st.booleans())]
    uses = {one.uses for one in made.steps if draw(st.booleans())}
    return made, Past(
        steps={name: draw(seconds) for name in names}, uses={name: draw(seconds) for name in sorted(uses)}
    )


@many
@given(plans())
def test_no_step_on_the_way_takes_longer_than_the_whole(known: tuple[Plan, Past]) -> None:
    """And the whole takes no longer than all of them one after the other; slow runs take no less than usual ones."""
    made, past = known
    found = estimate(made, past)
    wanted = [found.steps[name] for name in serving(made)]
    assert found.median >= max((one.median for one in wanted), default=0.0)
    assert found.p95 >= max((one.p95 for one in wanted), default=0.0)
    assert found.median <= sum(one.median for one in wanted) + 1e-6
    assert found.p95 >= found.median - 1e-6


@many
@given(plans())
def test_the_critical_path_is_a_way_through_the_plan(known: tuple[Plan, Past]) -> None:
    """Each of its steps needs the one before, and together they take as long as the whole."""
    made, past = known
    found = estimate(made, past)
    for before, after in zip(found.critical_path, found.critical_path[1:], strict=False):
        assert before in made.step(after).needs
    assert abs(sum(found.steps[name].median for name in found.critical_path) - found.median) < 1e-6


@many
@given(plans(), st.data())
def test_what_is_left_shrinks_as_steps_are_done(known: tuple[Plan, Past], data: st.DataObject) -> None:
    """Nothing done: the whole; all done: nothing; in between never more than before."""
    made, past = known
    found = estimate(made, past)
    states: dict[str, StepState] = {}
    left = remaining(made, found, states, 0.0)
    assert (left.median, left.p95) == (found.median, found.p95)
    for one in made.steps:
        status = data.draw(st.sampled_from([Status.DONE, Status.SKIPPED, Status.RUNNING]))
        states[one.id] = StepState(id=one.id, status=status, started_at=0.0)
        less = remaining(made, found, states, 1.0)
        assert less.median <= left.median + 1e-6
        assert less.p95 <= left.p95 + 1e-6
        left = less
    done = {one.id: StepState(id=one.id, status=Status.DONE) for one in made.steps}
    assert remaining(made, found, done, 0.0).p95 == 0


STEPS = (SCALE, FENCE, PROMOTE, CUT_OVER, step("reseed.a", "cut_over.b"))


def test_a_step_is_known_by_itself_then_by_its_technology_then_by_a_guess() -> None:
    """And the number of runs says which."""
    past = Past(steps={"scale.b": (1.0, 3.0, 2.0)}, uses={"fence.postgres": (0.5,), "scale.postgres": (9.0,)})
    found = estimate(plan(*STEPS), past).steps
    assert (found["scale.b"].median, found["scale.b"].p95, found["scale.b"].runs) == (2.0, 3.0, 3)
    assert (found["fence.a"].median, found["fence.a"].runs) == (0.5, 1)
    assert found["promote.b"] == GUESSES[Verb.PROMOTE]


def test_what_is_done_when_the_system_serves_again_is_not_waited_for() -> None:
    """An old primary that takes an hour to rebuild does not make the recovery slower."""
    past = Past(steps={"reseed.a": (3600.0,), "scale.b": (10.0,)}, uses={})
    found = estimate(plan(*STEPS), past)
    assert found.critical_path == ("scale.b", "fence.a", "promote.b", "cut_over.b")
    assert found.median == 10.0 + 0.2 + 0.2 + 0.1


def test_every_verb_has_a_guess() -> None:
    """No plan is without an estimate."""
    assert set(GUESSES) == set(Verb)


def going(**changes: object) -> RunState:
    """A failover that was first seen to fail at 1000, with an RTO of 5 minutes."""
    made = plan(*STEPS)
    slow = Past(steps={"scale.b": (30.0,) * 10 + (60.0,)}, uses={})
    return state(plan=made, estimate=estimate(made, slow), **changes)


def test_the_budget_says_until_when_it_must_be_decided() -> None:
    """By then even a slow run ends within the objective."""
    found = budget(going(), 1060.0)
    assert found.sentence == ("4 min left of the RTO; the plan needs 30.5 s (p95 1 min 12 s), decide by 00:20:28 UTC")
    assert found.decide_by == 1000.0 + 300.0 - 72.0
    assert budget(going(), 1290.0).sentence == (
        "10 s left of the RTO; the plan needs 30.5 s (p95 1 min 12 s), decide now"
    )


def test_the_budget_says_how_long_it_still_takes() -> None:
    """Once it was decided, and beyond the objective too."""
    running = [StepState(id="scale.b", status=Status.RUNNING, started_at=1050.0)]
    found = budget(going(decided_at=1050.0, steps=tuple(running)), 1060.0)
    assert found.sentence == "4 min left of the RTO; 20.5 s (p95 1 min 2 s) to go"
    assert budget(going(decided_at=1050.0), 1320.0).sentence.startswith("20 s over the end of the RTO; ")
    assert budget(going(decided_at=1050.0, ended_at=1100.0), 9999.0).sentence == "3 min 20 s left of the RTO"


def test_the_clock_of_what_was_planned_begins_with_the_decision() -> None:
    """A switchover may wait for its approval as long as it likes."""
    waiting = budget(going(procedure=Procedure.SWITCHOVER), 9000.0)
    assert (waiting.left, waiting.decide_by) == (300.0, None)
    assert waiting.sentence == "the plan needs 30.5 s (p95 1 min 12 s); the RTO is 5 min"


def test_without_a_plan_only_the_time_that_is_left_is_known() -> None:
    """While it is still being confirmed, say."""
    assert budget(state(plan=None), 1060.0).sentence == "4 min left of the RTO"
    assert estimate(plan(), Past()) == Estimate()
