"""What a run measured of itself as a leg of a drill: taken from its plan and its steps. Pure."""

from collections.abc import Mapping

from runbooks.drills import Leg, LegName
from runbooks.plan import Plan, Step
from runbooks.runs import RunState, Status, StepState
from runbooks.steps import Verb
from runbooks.values import UnixTime

_FELT = frozenset({Verb.FENCE, Verb.PROMOTE, Verb.CUT_OVER})
"""What users feel until it is taken back."""
_SETTLED = frozenset({Status.DONE, Status.UNCHANGED})


def leg_of(name: LegName, state: RunState, run: str) -> Leg:
    """What is kept of a leg, measured from its steps."""
    steps = {step.id: step for step in state.steps}
    served = _served_at(state, steps)
    fences = [steps[s.id].started_at for s in state.plan.steps if s.verb == Verb.FENCE] if state.plan else []
    fenced = min((at for at in fences if at is not None), default=None)
    lost = {report.loss.resource: report.loss for report in state.losses if report.moment == "after"}
    proofs = _rehearsed(state, steps) if name == "rehearsal" else ()
    return Leg(
        name=name,
        procedure=state.procedure,
        source=state.source,
        target=state.target,
        run=run,
        outcome=state.outcome,
        message=state.message,
        record=state.record,
        recovery=None if served is None or name == "rehearsal" else served - state.triggered_at,
        decided=None if state.decided_at is None else state.decided_at - state.triggered_at,
        without_writes=None if served is None or fenced is None else served - fenced,
        losses=tuple(lost.values()),
        whole=_whole(state, steps),
        promoted=_promoted(state, steps),
        proofs=proofs,
    )


def public_steps(plan: Plan) -> tuple[Step, ...]:
    """The verifications made after the cut-over, through the public name; all there are when nothing is cut over."""
    after: set[str] = {step.id for step in plan.steps if step.verb == Verb.CUT_OVER}
    for step in plan.steps:  # a plan's steps come after what they need
        if not after.isdisjoint(step.needs):
            after.add(step.id)
    verifies = [step for step in plan.steps if step.verb == Verb.VERIFY]
    return tuple([step for step in verifies if step.id in after] or verifies)


def moved(state: RunState) -> bool:
    """The run has stopped or moved a writer, or moved the traffic, and not taken it back."""
    if state.plan is None:
        return False
    done = {step.id for step in state.steps if step.status == Status.DONE}
    return any(step.id in done for step in state.plan.steps if step.verb in _FELT)


def _served_at(state: RunState, steps: dict[str, StepState]) -> UnixTime | None:
    wanted = [steps[step.id] for step in public_steps(state.plan)] if state.plan else []
    if not wanted or any(s.status not in _SETTLED or s.ended_at is None for s in wanted):
        return None
    return max(s.ended_at for s in wanted if s.ended_at is not None)


def _rehearsed(state: RunState, steps: Mapping[str, StepState]) -> tuple[str, ...]:
    """What each rehearsal said, and what the plan says about those that there were none of."""
    if state.plan is None:
        return ()
    results = [(s.sentence, steps[s.id].result) for s in state.plan.steps if s.verb == Verb.REHEARSE]
    return (*(f"{said}: {result.reason}" for said, result in results if result is not None), *state.plan.notes)


def _promoted(state: RunState, steps: Mapping[str, StepState]) -> tuple[str, ...]:
    """The stores whose writer was moved."""
    found = state.plan.steps if state.plan else ()
    return tuple(s.resource for s in found if s.verb == Verb.PROMOTE and steps[s.id].status in _SETTLED)


def _whole(state: RunState, steps: Mapping[str, StepState]) -> tuple[str, ...]:
    """The stores that were promoted only after they had everything, while nobody wrote any more."""
    if state.plan is None:
        return ()
    caught_up = {s.id for s in state.plan.steps if s.verb == Verb.CATCH_UP and steps[s.id].status in _SETTLED}
    promoted = _promoted(state, steps)
    plan = (step for step in state.plan.steps if step.verb == Verb.PROMOTE and step.resource in promoted)
    return tuple(step.resource for step in plan if not caught_up.isdisjoint(step.needs))
