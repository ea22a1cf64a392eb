"""How long a procedure may take: its plan run thousands of times in the head, each step as long as it once took.

Each time every step takes one of its past durations by chance, and what waits for what decides when the system serves.
So one slow step does not make all others slow, as adding up their worst cases would. Pure, and seeded: the same records
give the same answer.
"""

import math
import random
from collections.abc import Mapping, Sequence

from runbooks.estimate import GUESSES, Past, longest, serving
from runbooks.order import in_order
from runbooks.plan import Plan, Step
from runbooks.values import Model, Seconds

ROUNDS = 4000
SEED = 1
_NORMAL_P95 = 1.6448536269514722
"""So many standard deviations above its middle lies the 95th percentile of a bell curve."""


class StepShare(Model):
    """One step: in what share of the rounds it was critical, and what p95 would gain if it took half its time."""

    id: str
    runs: int
    median: Seconds
    critical: float
    gain: Seconds


class Bin(Model):
    """So many rounds took between these seconds."""

    low: Seconds
    high: Seconds
    count: int


class Simulation(Model):
    """The time until the system serves. `guessed`: the steps of which no record tells."""

    rounds: int
    p50: Seconds
    p95: Seconds
    rto: Seconds
    within: float
    """The share of the rounds that kept the objective."""
    steps: tuple[StepShare, ...] = ()
    """Those until it serves, most critical first."""
    histogram: tuple[Bin, ...] = ()
    runs: int = 0
    """So many past runs tell of the step of which the fewest tell, the guessed ones apart."""
    guessed: tuple[str, ...] = ()


def simulate(plan: Plan, past: Past, *, rounds: int = ROUNDS, seed: int = SEED) -> Simulation:
    """Run the plan so often in the head."""
    goal = serving(plan)
    ordered = [step for step in in_order(plan.steps) if step.id in goal]
    drawn = {step.id: _drawn(step, past, rounds, seed) for step in ordered}
    critical = dict.fromkeys(drawn, 0)
    totals = []
    for number in range(rounds):
        path, total = longest(ordered, {name: times[number] for name, times in drawn.items()})
        totals.append(total)
        for name in path:
            critical[name] += 1
    p95 = rank(totals, 0.95)
    known = {step.id: len(_seen(step, past)) for step in ordered}
    shares = [
        StepShare(
            id=step.id,
            runs=known[step.id],
            median=rank(drawn[step.id], 0.5),
            critical=critical[step.id] / rounds,
            gain=max(0.0, p95 - _p95_if_halved(ordered, drawn, step.id)) if critical[step.id] else 0.0,
        )
        for step in ordered
    ]
    return Simulation(
        rounds=rounds,
        p50=rank(totals, 0.5),
        p95=p95,
        rto=plan.rto,
        within=sum(total <= plan.rto for total in totals) / rounds,
        steps=tuple(sorted(shares, key=lambda share: (-share.critical, -share.median))),
        histogram=_histogram(totals),
        runs=min((count for count in known.values() if count), default=0),
        guessed=tuple(name for name, count in known.items() if not count),
    )


def rank(values: Sequence[float], share: float) -> float:
    """The percentile by its rank; 0 of nothing."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0


def _p95_if_halved(ordered: Sequence[Step], drawn: Mapping[str, Sequence[float]], which: str) -> float:
    """The same rounds again, with one step twice as fast."""
    quicker = {**drawn, which: [seconds / 2 for seconds in drawn[which]]}
    rounds = len(drawn[which])
    return rank([longest(ordered, {name: t[n] for name, t in quicker.items()})[1] for n in range(rounds)], 0.95)


def _seen(step: Step, past: Past) -> tuple[float, ...]:
    return past.steps.get(step.id) or past.uses.get(step.uses) or ()


def _drawn(step: Step, past: Past, rounds: int, seed: int) -> list[float]:
    """Its durations, by chance. Each step has dice of its own: another step more changes none of its throws."""
    dice = random.Random(f"{seed}/{step.id}")  # noqa: S311 - it must be repeatable, not secret
    seen = _seen(step, past)
    if seen:
        return dice.choices(seen, k=rounds)
    guess = GUESSES[step.verb]
    spread = math.log(guess.p95 / guess.median) / _NORMAL_P95
    return [guess.median * math.exp(dice.gauss(0, spread)) for _ in range(rounds)]


def _histogram(totals: Sequence[float], bins: int = 10) -> tuple[Bin, ...]:
    """Up to the 99th percentile; what took even longer counts in the last one."""
    low, high = min(totals, default=0.0), rank(totals, 0.99)
    width = (high - low) / bins
    if width <= 0:
        return (Bin(low=low, high=high, count=len(totals)),)
    counts = [0] * bins
    for total in totals:
        counts[min(bins - 1, int((total - low) / width))] += 1
    return tuple(Bin(low=low + n * width, high=low + (n + 1) * width, count=count) for n, count in enumerate(counts))
