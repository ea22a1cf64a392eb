"""Which steps made a run as long as it was. Pure."""

from runbooks.runs import RunState


def critical(state: RunState, now: float) -> frozenset[str]:
    """From what ended last (or goes on), back over what each waited for longest; nothing before the first step."""
    if state.plan is None:
        return frozenset()
    needs = {step.id: step.needs for step in state.plan.steps}
    ends = {
        step.id: now if step.ended_at is None else step.ended_at for step in state.steps if step.started_at is not None
    }
    found: list[str] = []
    left = set(ends)
    while left:
        found.append(max(sorted(left), key=lambda name: ends[name]))
        left = {need for need in needs.get(found[-1], ()) if need in ends and need not in found}
    return frozenset(found)
