"""*Serving* is not *protected again*: clients are served, and that is verified, long before everything is copied anew.

What is counted against the RTO is the first. A run ends with the second.
"""

from collections.abc import Mapping

from runbooks.plan import Plan
from runbooks.runs import Status, StepState
from runbooks.steps import Verb
from runbooks.values import UnixTime

_SERVE = frozenset({Verb.FENCE, Verb.PROMOTE, Verb.VERIFY, Verb.CUT_OVER})
_DONE = frozenset({Status.DONE, Status.UNCHANGED})


def serving_at(plan: Plan, states: Mapping[str, StepState]) -> UnixTime | None:
    """When the last writer had moved and the last verification had passed; None before that, or if one was skipped."""
    needed = [states[step.id] for step in plan.steps if step.verb in _SERVE and step.id in states]
    ends = [state.ended_at for state in needed if state.status in _DONE and state.ended_at is not None]
    return max(ends) if needed and len(ends) == len(needed) else None
