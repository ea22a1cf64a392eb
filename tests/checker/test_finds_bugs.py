"""A checker that finds nothing is worth nothing: each of these worlds is broken on purpose, and it must say how."""

from collections.abc import Mapping

import pytest

from runbooks.models import Procedure
from runbooks.plan import Step
from runbooks.run_calls import PlanAnswer, PlanCall
from runbooks.runs import Decision, DecisionKind, Judged, Outcome, RunEvent, RunState, StepState
from runbooks.steps import StepCall, StepResult, Verb
from tests.checker.books import book
from tests.checker.campaign import Campaign
from tests.checker.fakes import Fakes
from tests.checker.judging import judge
from tests.checker.play import MakeFakes, Played
from tests.checker.scenes import world_for
from tests.checker.script import Case, Disturbance
from tests.checker.show import Show
from tests.checker.stage import Lane

pytestmark = pytest.mark.asyncio(loop_scope="module")


class FenceThatLies(Fakes):
    """It says that it has fenced, and has not."""

    def fence(self, call: StepCall) -> StepResult:
        """Nothing."""
        return StepResult(changed=True, reason=f"{call.resource} takes no more writes")


class AnyEpoch(Fakes):
    """Stores that keep no decision: a stale enactor is let through."""

    def _not_stale(self, call: StepCall) -> None:
        """Nothing is stale."""


class UndoThatLies(Fakes):
    """It says that it has undone, and has not."""

    def undo_scale(self, call: StepCall) -> StepResult:
        """Nothing."""
        return StepResult(changed=True, reason=f"{call.resource} is as it was")


class HastyPromotion(Fakes):
    """A standby that takes over without everything, after a wait that was none."""

    def catch_up(self, call: StepCall) -> StepResult:
        """No wait."""
        return StepResult(changed=False, reason=f"{call.region} has everything")

    def promote(self, call: StepCall) -> StepResult:
        """Whatever it has."""
        without = {key: value for key, value in call.settings.items() if key != "upstream"}
        return super().promote(call.model_copy(update={"settings": without}))

    def writes_alone(self) -> None:
        """The standbys are a write behind, always."""
        for store in self.world.stores.values():
            store.lag = 1


class Planner(Fakes):
    """A planner with a mistake: the needs of some steps are other than they must be."""

    def needs(self, step: Step) -> tuple[str, ...]:
        """The step's needs, as this planner has them."""
        raise NotImplementedError

    def plan(self, call: PlanCall) -> PlanAnswer:
        """The real plan, with the mistake."""
        answer = super().plan(call)
        if answer.plan is None:
            return answer
        steps = tuple(step.model_copy(update={"needs": self.needs(step)}) for step in answer.plan.steps)
        plan = answer.plan.model_copy(update={"steps": steps})
        return PlanAnswer(plan=plan, checksum=plan.checksum)


class PromotesUnfenced(Planner):
    """Promote does not wait for the fence."""

    def needs(self, step: Step) -> tuple[str, ...]:
        """Without the fence."""
        return tuple(need for need in step.needs if not need.startswith("fence."))


class LeadsUnverified(Planner):
    """The name is led elsewhere before anybody has looked."""

    def needs(self, step: Step) -> tuple[str, ...]:
        """Without anything, for the cut-over."""
        return () if step.verb is Verb.CUT_OVER else step.needs


BROKEN: Mapping[str, tuple[MakeFakes, Case, str]] = {
    "a fence that lies": (FenceThatLies, Case("lab-2", "failover", "partitioned"), "two-writers"),
    "a promotion that does not need its fence": (
        PromotesUnfenced,
        Case("lab-2", "failover", "partitioned", (Disturbance.parse("slow@start:fence.vector-db.us-east-1#1"),)),
        "two-writers",
    ),
    "a stale epoch that is accepted": (
        AnyEpoch,
        Case("lab-2", "failover", "dead", (Disturbance.parse("newer@start:fence.vector-db.us-east-1#1"),)),
        "stale-epoch",
    ),
    "an undo that lies": (
        UndoThatLies,
        Case("lab-2", "failover", "dead", (Disturbance.parse("abort@start:gate#2"),)),
        "not-undone",
    ),
    "a name led to an unverified region": (LeadsUnverified, Case("lab-2", "failover", "dead"), "traffic"),
    "a standby that takes over too early": (HastyPromotion, Case("lab-2", "switchover", "alive"), "lost"),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_world_is_found_out(what: str, made: list[Lane]) -> None:
    """The right rule is named, with the case that shows it again."""
    fakes, case, rule = BROKEN[what]
    (played,) = await Campaign(made, fakes).run([case])
    assert rule in {finding.rule for finding in played.findings}, played.story()
    assert case.command() in played.story()


async def test_a_sound_world_is_not_accused(made: list[Lane]) -> None:
    """The same cases, with nothing broken, keep every rule."""
    played = await Campaign(made).run([case for _fakes, case, _rule in BROKEN.values()])
    assert [one.story() for one in played if one.findings] == []


async def test_a_drill_that_has_turned_real_is_judged_once_the_failover_is_over(made: list[Lane]) -> None:
    """The drill has ended before: what the failover decided and lost is told by its own record, still to come."""
    texts = ("failover@start:writers.witness#4", "slow@start:plan#3")
    case = Case("aws-to-azure", "drill", "alive", tuple(Disturbance.parse(text) for text in texts))
    (played,) = await Campaign(made).run([case])
    assert played.findings == [], played.story()
    assert any("nothing is moved home by this drill" in event.text for event in played.events)
    assert played.state is not None
    assert (played.state.procedure, played.state.outcome) == (Procedure.FAILOVER, Outcome.RECOVERED)


async def test_the_shortest_reproduction_is_given(made: list[Lane]) -> None:
    """What does not matter is left out of it."""
    many = tuple(
        Disturbance.parse(text)
        for text in ("slow@start:plan#1", "slow@start:fence.vector-db.us-east-1#1", "join@start:gate#1")
    )
    campaign = Campaign(made, PromotesUnfenced)
    (played,) = await campaign.run([Case("lab-2", "failover", "partitioned", many)])
    shortest: Played = await campaign.shortest(played)
    assert len(shortest.case.disturbances) <= 1


async def _sound(made: list[Lane]) -> RunState:
    (played,) = await Campaign(made).run([Case("lab-2", "failover", "dead")])
    assert played.state is not None
    return played.state


def _stand_in(case: Case) -> Show:
    named = book(case.book)
    world = world_for(case, named, 0.0)

    async def nothing(_seconds: float = 0.0) -> None:
        """No server."""

    return Show(case, named, world, Fakes(world), nothing, nothing)


def _decision() -> Decision:
    return Decision(id="d1", kind=DecisionKind.RETRY, by="bob", at=0.0)


@pytest.mark.parametrize(
    ("judged", "rule"),
    [((), "decision-lost"), ((None, None), "decision-twice"), ((None, "counted already"), "decision-lost")],
)
async def test_a_desk_that_miscounts_is_found_out(judged: tuple[str | None, ...], rule: str, made: list[Lane]) -> None:
    """A decision that is lost, or counted twice, is named."""
    state = await _sound(made)
    show = _stand_in(Case("lab-2", "failover", "dead"))
    show.people.said = [_decision()]
    kept = tuple(Judged(decision=_decision(), refused=refused) for refused in judged)
    found = judge(show, "ended: so", [state.model_copy(update={"decisions": kept})])
    assert rule in {finding.rule for finding in found}


async def test_a_step_that_begins_on_hold_is_found_out(made: list[Lane]) -> None:
    """A hold that does not hold is named."""
    state = await _sound(made)
    events = tuple(RunEvent(at=at, text=f"bob said {what}") for at, what in ((1.0, "hold"), (3.0, "resume")))
    steps = (StepState(id="promote.vector-db", started_at=2.0),)
    doctored = state.model_copy(update={"events": events, "steps": steps})
    found = judge(_stand_in(Case("lab-2", "failover", "dead")), "ended: so", [doctored])
    assert "hold" in {finding.rule for finding in found}
