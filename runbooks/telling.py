"""How a run stands, in a word and a sentence: the same on the screen, in Slack, and in every notice. Pure."""

from runbooks.awaited import standing, waiting
from runbooks.durations import duration
from runbooks.models import PLANNED
from runbooks.outlook import against_rto, elapsed, writes_stopped
from runbooks.runs import Outcome, Phase, RunState

_MOVED = frozenset({Outcome.RECOVERED, Outcome.APPLIED_NOT_CONFIRMED})
_NAMED = 2
"""So many steps that wait are named in one sentence."""


def headline(state: RunState) -> str:
    """The outcome or the phase in capitals."""
    word = state.phase.value
    if state.outcome is not None:
        word = state.outcome.value
    elif state.phase is Phase.PLANNING and standing(state):
        word = "the plan refuses itself"
    return word.upper().replace("-", " ")


def message(state: RunState) -> str:
    """What goes on, or what is awaited."""
    waits = [step.id for step in waiting(state)]
    if state.phase is Phase.WAITING_FOR_PERSON and waits:
        what = ", ".join(waits) if len(waits) <= _NAMED else f"{len(waits)} steps"
        return f"{what} cannot go on without you"
    if state.phase is Phase.PLANNING and standing(state):
        return "it waits for you; meanwhile it looks again from time to time"
    if state.phase is Phase.AWAITING_APPROVAL and state.approval is not None:
        return f"plan {state.checksum[:12]}"
    return state.message


def not_recovered(state: RunState) -> bool:
    """It was to end an outage and has not: the time until it gave up is no recovery time."""
    return state.procedure not in PLANNED and state.outcome is not None and state.outcome not in _MOVED


def measured(state: RunState) -> str:
    """Of a run that has ended: the time that the objective is about, and the objective."""
    spent = against_rto(state, state.triggered_at)
    verdict = f"{'within' if spent <= state.rto else 'OVER'} the RTO of {duration(state.rto)}"
    if not_recovered(state):
        return f"not recovered, after {duration(spent)}"
    if state.procedure not in PLANNED:
        return f"{duration(spent)}, {verdict}"
    in_all = duration(elapsed(state, state.triggered_at))
    stopped = writes_stopped(state, state.triggered_at)
    return f"{in_all}" if stopped is None else f"writes stopped for {duration(stopped)}, {verdict}; {in_all} in all"
