"""What is left of the objective while a run is going, what it still needs, and until when it must be decided."""

from collections.abc import Mapping
from datetime import UTC, datetime

from runbooks.durations import duration
from runbooks.estimate import Estimate, along
from runbooks.models import PLANNED
from runbooks.plan import Plan
from runbooks.runs import RunState, Status, StepState
from runbooks.values import Model, Seconds, UnixTime

_OVER = frozenset({Status.DONE, Status.UNCHANGED, Status.SKIPPED, Status.NOT_RUN, Status.UNDONE})


class Budget(Model):
    """The time that is left, and the time that is needed."""

    left: float
    """Seconds left of the RTO; negative when it is over."""
    needed: Seconds | None = None
    """Seconds that the rest of the plan usually takes; None: there is no plan, or nothing is known of it."""
    needed_p95: Seconds | None = None
    decide_by: UnixTime | None = None
    """While nothing is decided: the last moment at which even a slow run would be within the RTO."""
    sentence: str


def remaining(plan: Plan, known: Estimate, states: Mapping[str, StepState], now: UnixTime) -> Estimate:
    """The rest of the plan at `now`: what is over takes no time, and what is running what it usually takes longer."""
    lasts: dict[str, tuple[float, float]] = {}
    for step in plan.steps:
        one, state = known.steps.get(step.id), states.get(step.id, StepState(id=step.id))
        if one is None or state.status in _OVER:
            lasts[step.id] = (0.0, 0.0)
            continue
        running = state.status == Status.RUNNING and state.started_at is not None
        spent = max(0.0, now - state.started_at) if running and state.started_at is not None else 0.0
        lasts[step.id] = (max(0.0, one.median - spent), max(0.0, one.p95 - spent))
    return along(plan, known.steps, lasts)


def budget(state: RunState, now: UnixTime) -> Budget:
    """The run's budget at `now` (or when it ended)."""
    at = now if state.ended_at is None else state.ended_at
    left = state.rto - max(0.0, at - _began(state, at))
    if state.plan is None or state.estimate is None or state.ended_at is not None:
        return Budget(left=left, sentence=f"{_left(left)} of the RTO")
    rest = remaining(state.plan, state.estimate, {step.id: step for step in state.steps}, at)
    needs = f"{duration(rest.median)} (p95 {duration(rest.p95)})"
    given = {"left": left, "needed": rest.median, "needed_p95": rest.p95}
    if state.decided_at is not None:
        return Budget(**given, sentence=f"{_left(left)} of the RTO; {needs} to go")
    if state.procedure in PLANNED:
        return Budget(**given, sentence=f"the plan needs {needs}; the RTO is {duration(state.rto)}")
    by = at + left - rest.p95
    when = f"decide by {_clock(by)}" if by > at else "decide now"
    return Budget(**given, decide_by=by, sentence=f"{_left(left)} of the RTO; the plan needs {needs}, {when}")


def _began(state: RunState, at: UnixTime) -> UnixTime:
    """When the clock of the objective began: with the fault; of what was planned, with the decision to do it."""
    if state.procedure in PLANNED:
        return at if state.decided_at is None else state.decided_at
    return state.triggered_at if state.fault_at is None else state.fault_at


def _left(left: float) -> str:
    return f"{duration(left)} left" if left >= 0 else f"{duration(-left)} over the end"


def _clock(at: UnixTime) -> str:
    return f"{datetime.fromtimestamp(at, tz=UTC):%H:%M:%S} UTC"
