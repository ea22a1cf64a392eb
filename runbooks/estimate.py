"""How long a plan takes, from how long its steps took before: the critical path, and what is left of the objective."""

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
