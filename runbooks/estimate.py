"""How long a plan takes, from how long its steps took before: the critical path to where the system serves again.

What comes behind that (an old primary rebuilt, a group scaled in) is no part of it. Pure: plan and durations in.
"""

import math
import statistics
from collections.abc import Collection, Mapping, Sequence

from runbooks.order import in_order
from runbooks.plan import Plan, Step
from runbooks.reversal import behind
from runbooks.steps import Verb
from runbooks.values import Model, Seconds


class StepEstimate(Model):
    """One step's past durations: `runs` is how many there were (0: none, and the numbers are a guess)."""

    median: Seconds
    p95: Seconds
    runs: int = 0


class Estimate(Model):
    """The whole plan: along the critical path, the steps without which nothing would be quicker."""

    steps: dict[str, StepEstimate] = {}
    critical_path: tuple[str, ...] = ()
    median: Seconds = 0.0
    p95: Seconds = 0.0


class Past(Model):
    """How long steps took in past runs, in seconds: by the step's id, and by the technology it used."""

    steps: dict[str, tuple[float, ...]] = {}
    uses: dict[str, tuple[float, ...]] = {}


GUESSES: Mapping[Verb, StepEstimate] = {
    verb: StepEstimate(median=median, p95=p95)
    for verb, median, p95 in (
        (Verb.DETECT, 0.1, 1.0),
        (Verb.FENCE, 0.2, 5.0),
        (Verb.SCALE, 20.0, 90.0),
        (Verb.CATCH_UP, 0.5, 10.0),
        (Verb.PROMOTE, 0.2, 5.0),
        (Verb.CUT_OVER, 0.1, 2.0),
        (Verb.VERIFY, 0.3, 5.0),
        (Verb.SALVAGE, 5.0, 60.0),
        (Verb.RESEED, 60.0, 900.0),
        (Verb.COMPARE, 10.0, 120.0),
        (Verb.RESTORE, 60.0, 900.0),
        (Verb.REHEARSE, 30.0, 300.0),
        (Verb.NOTIFY, 0.1, 1.0),
        (Verb.RUN, 10.0, 60.0),
    )
}
"""What is assumed of a verb that was never seen to run."""

_SERVING = frozenset({Verb.PROMOTE, Verb.CUT_OVER, Verb.VERIFY})


def estimate(plan: Plan, past: Past) -> Estimate:
    """The plan's duration, if each step takes as long as it took before."""
    steps = {step.id: _of(step, past) for step in plan.steps}
    return along(plan, steps, {one.id: (steps[one.id].median, steps[one.id].p95) for one in plan.steps})


def along(plan: Plan, steps: Mapping[str, StepEstimate], lasts: Mapping[str, tuple[float, float]]) -> Estimate:
    """The longest way to where the system serves, when each step `lasts` so long (usually, and at the worst)."""
    goal = serving(plan)
    wanted = [step for step in in_order(plan.steps) if step.id in goal]
    path, median = longest(wanted, {step.id: lasts[step.id][0] for step in wanted})
    _, p95 = longest(wanted, {step.id: lasts[step.id][1] for step in wanted})
    return Estimate(steps=dict(steps), critical_path=path, median=median, p95=p95)


def serving(plan: Plan) -> Collection[str]:
    """The steps until the system serves and is verified: the last of these verbs, and all that they wait for."""
    goal = {step.id for step in plan.steps if step.verb in _SERVING}
    if not goal:
        return {step.id for step in plan.steps}
    return goal.union(*(behind(plan, step) for step in plan.steps if step.id in goal))


def _of(step: Step, past: Past) -> StepEstimate:
    seen = past.steps.get(step.id) or past.uses.get(step.uses)
    if not seen:
        return GUESSES[step.verb]
    # A percentile by its rank: of few runs it is the slowest one, and never less than the median.
    slow = sorted(seen)[math.ceil(0.95 * len(seen)) - 1]
    median = statistics.median(seen)
    return StepEstimate(median=median, p95=max(slow, median), runs=len(seen))


def longest(ordered: Sequence[Step], lasts: Mapping[str, float]) -> tuple[tuple[str, ...], float]:
    """The way through the steps that lasts longest; each step stands after what it needs."""
    ends: dict[str, float] = {}
    after: dict[str, str | None] = {}
    for step in ordered:
        needs = [need for need in step.needs if need in ends]
        after[step.id] = max(needs, key=lambda need: ends[need], default=None)
        ends[step.id] = max((ends[need] for need in needs), default=0.0) + lasts[step.id]
    last: str | None = max(ends, key=lambda step_id: ends[step_id], default=None)
    whole = 0.0 if last is None else ends[last]
    path: list[str] = []
    while last is not None:
        path.append(last)
        last = after[last]
    return tuple(reversed(path)), whole
