"""What a run's state means to the person who watches it: its time, its loss, what an abort would do now. Pure."""

from runbooks.loss import LossReport
from runbooks.models import PLANNED
from runbooks.plan import Plan
from runbooks.reversal import past_return, point_of_no_return
from runbooks.runs import Phase, RunState, Status, StepState
from runbooks.steps import Verb
from runbooks.values import UnixTime

_UNTOUCHED = frozenset({Phase.CONFIRMING, Phase.OBSERVING, Phase.PLANNING, Phase.AWAITING_APPROVAL})
_OVER = frozenset({Phase.UNDOING, Phase.RECORDING, Phase.ENDED})
_BACK = {Verb.PROMOTE, Verb.CUT_OVER}
"""After the last of these, clients can write again."""


def began(state: RunState) -> UnixTime:
    """When the run's time starts to count: at the fault if it was seen, else when somebody asked."""
    return state.triggered_at if state.fault_at is None else state.fault_at


def elapsed(state: RunState, now: UnixTime) -> float:
    """Seconds since then; or until it served again, or ended."""
    over = state.serving_at if state.serving_at is not None else state.ended_at
    return max(0.0, (now if over is None else over) - began(state))


def against_rto(state: RunState, now: UnixTime) -> float:
    """The seconds that the objective is about: the whole recovery, or, where nothing was down, how long writes stop."""
    return (writes_stopped(state, now) or 0.0) if state.procedure in PLANNED else elapsed(state, now)


def writes_stopped(state: RunState, now: UnixTime) -> float | None:
    """Seconds from the first fence until clients can write again (or until now); None before it."""
    fences = _of(state, Verb.FENCE)
    stopped = min((step.started_at for step in fences if step.started_at is not None), default=None)
    if stopped is None:
        return None
    undone = all(step.status is Status.UNDONE for step in fences)
    ends = [step.ended_at for step in (fences if undone else _of(state, *_BACK))]
    known = [end for end in ends if end is not None]
    last = state.ended_at or now
    return max(0.0, (max(known) if known and len(known) == len(ends) else last) - stopped)


def _of(state: RunState, *verbs: Verb) -> list[StepState]:
    """The steps of those verbs that are, or were, to be done."""
    ids = {step.id for step in state.plan.steps if step.verb in verbs} if state.plan is not None else set()
    return [step for step in state.steps if step.id in ids and step.status is not Status.NOT_RUN]


def losses(state: RunState) -> dict[str, tuple[LossReport, ...]]:
    """What is lost of each data resource, as it was measured, newest first."""
    found: dict[str, tuple[LossReport, ...]] = {}
    for report in state.losses:
        found[report.loss.resource] = (report, *found.get(report.loss.resource, ()))
    return found


def promoted(state: RunState) -> bool:
    """A promotion has begun: it may have had its effect, whatever was heard of it."""
    begun = {step.id for step in state.steps if step.started_at is not None}
    return state.plan is not None and past_return(state.plan, begun)


def if_aborted(state: RunState) -> str | None:
    """What an abort would do now; None when there is nothing to abort yet, or any more."""
    plan = state.plan
    if state.phase in _OVER or plan is None:
        return None
    if state.phase is Phase.AWAITING_CONFIRMATION:
        return f"moves everything back to {state.source} at once, by a switchover"
    if promoted(state):
        way_back = "switchover" if state.procedure in PLANNED else "failback"
        return f"leaves everything as it is, since a promotion has begun; the way back is a {way_back}"
    point = point_of_no_return(plan)
    until = f'until "{plan.step(point).sentence}" begins' if point is not None else "at any time"
    if state.phase in _UNTOUCHED:
        return f"costs nothing now; once it runs, an abort takes back what was done {until}"
    return f"{_taken_back(plan, state)}; possible {until}"


def _taken_back(plan: Plan, state: RunState) -> str:
    """What was begun that has an undo, and what was begun that stays."""
    begun = {step.id for step in state.steps if step.started_at is not None and step.status is not Status.UNCHANGED}
    back = [f'"{step.sentence}"' for step in plan.steps if step.id in begun and step.undo]
    stays = [f'"{step.sentence}"' for step in plan.steps if step.id in begun and step.final]
    text = f"takes back {', '.join(back)}" if back else "would find nothing to take back yet"
    return text + (f"; {', '.join(stays)} stays so" if stays else "")
