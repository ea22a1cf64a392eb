"""The order in which a plan is printed: every step after what it needs, otherwise as derived."""

from collections.abc import Sequence

from runbooks.plan import PlanError, Step


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Sort topologically, keeping the given order wherever it is free. Raises PlanError for a cycle."""
    left = list(steps)
    done: set[str] = set()
    ordered: list[Step] = []
    while left:
        ready = next((step for step in left if done.issuperset(step.needs)), None)
        if ready is None:
            message = f"these steps wait for one another: {', '.join(step.id for step in left)}"
            raise PlanError(message)
        left.remove(ready)
        done.add(ready.id)
        ordered.append(ready)
    return tuple(ordered)
