"""What an abort can take back, and until when: the point of no return is the first promotion, if there is one.

Once one writer has moved, clients write to the new primary and nothing is undone: the way back is a failback. What is
final before that (a rebuilt former primary) serves nobody: it stays as it is, and everything else is still undone.
"""

from collections.abc import Collection
from enum import StrEnum

from runbooks.order import in_order
from runbooks.plan import Plan, PlanError, Step
from runbooks.steps import Verb


def numbered(plan: Plan) -> dict[str, int]:
    """The number of every step, by id: each after all that it waits for. A circle is shown as it was written."""
    try:
        ordered = in_order(plan.steps)
    except PlanError:
        ordered = plan.steps
    return {step.id: number for number, step in enumerate(ordered, start=1)}


def point_of_no_return(plan: Plan) -> str | None:
    """The id of the first promotion, or None when no writer moves."""
    return next((step_id for step_id in numbered(plan) if _moves_a_writer(plan.step(step_id))), None)


def past_return(plan: Plan, begun: Collection[str]) -> bool:
    """A promotion was begun: it may have had its effect, whatever was heard of it. An abort then stops and holds."""
    return any(_moves_a_writer(step) and step.id in begun for step in plan.steps)


def prepared(plan: Plan, step: Step) -> bool:
    """An earlier step rebuilds what this one acts on: whether it could be done cannot be asked before that."""
    ahead = behind(plan, step)
    rebuilt = {(s.resource, s.region) for s in plan.steps if s.id in ahead and s.verb is Verb.RESEED}
    return (step.resource, step.region) in rebuilt


def undone_by_abort(plan: Plan) -> tuple[Step, ...]:
    """What an abort just before the point of no return undoes, last first."""
    promotions = {step.id for step in plan.steps if _moves_a_writer(step)}
    numbers = numbered(plan)
    possible = [s for s in plan.steps if s.undo and not promotions & {s.id, *behind(plan, s)}]
    return tuple(sorted(possible, key=lambda step: -numbers[step.id]))


class Mark(StrEnum):
    """How a step is drawn: what an abort can do about it."""

    UNDONE = "undone"
    """An abort before the point of no return undoes it."""
    PLAIN = "plain"
    """It is left as it is: it changes nothing that hurts."""
    KEPT = "kept"
    """It could be undone, and comes after the point of no return: the way back is a failback."""
    FINAL = "final"
    POINT = "point"
    """The point of no return, or one of several: whichever begins first."""


def marks(plan: Plan) -> dict[str, Mark]:
    """The mark of every step, by id."""
    points = {step.id for step in first_promotions(plan)}
    undone = {step.id for step in undone_by_abort(plan)}

    def _mark(step: Step) -> Mark:
        if step.id in points:
            return Mark.POINT
        if step.final:
            return Mark.FINAL
        if step.id in undone:
            return Mark.UNDONE
        return Mark.KEPT if step.undo else Mark.PLAIN

    return {step.id: _mark(step) for step in plan.steps}


def last_safe_abort_point(plan: Plan) -> str:
    """One sentence: until when an abort undoes what was done, what it would undo, and what stays."""
    numbers = numbered(plan)
    undone = ", ".join(f"step {numbers[step.id]} ({step.sentence})" for step in undone_by_abort(plan))
    does = f"undoes {undone}" if undone else "finds nothing to undo"
    first = first_promotions(plan)
    if not first:
        return f"at any time an abort {does}{_stays(plan, numbers)}"
    steps = " or ".join(str(numbers[step.id]) for step in first)
    return f"until step {steps} begins, an abort {does}{_stays(plan, numbers)}; after that it stops and holds"


def _stays(plan: Plan, numbers: dict[str, int]) -> str:
    promotions = {step.id for step in plan.steps if _moves_a_writer(step)}
    early = [s for s in plan.steps if s.final and not promotions & {s.id, *behind(plan, s)}]
    if not early:
        return ""
    return f"; what step {', '.join(str(numbers[step.id]) for step in early)} has overwritten stays so"


def first_promotions(plan: Plan) -> list[Step]:
    """The promotions that wait for no other: whichever of them begins first is the point of no return."""
    promotions = {step.id: step for step in plan.steps if _moves_a_writer(step)}
    return [step for step in promotions.values() if not behind(plan, step) & promotions.keys()]


def behind(plan: Plan, step: Step) -> set[str]:
    """Every step that is done before this one begins."""
    needs = {each.id: each.needs for each in plan.steps}
    found: set[str] = set()
    left = [need for need in step.needs if need in needs]
    while left:
        need = left.pop()
        if need not in found:
            found.add(need)
            left.extend(further for further in needs[need] if further in needs)
    return found


def _moves_a_writer(step: Step) -> bool:
    return step.verb is Verb.PROMOTE
