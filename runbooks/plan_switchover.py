"""A switchover out of a living region: planned, and nothing is lost.

scale the heirs ─> verify them from inside ─> near enough? ─> fence ─> has everything? ─> promote ─> cut over
─> verify publicly ─> then, off the critical path: the old primary is rebuilt as a standby of the new one
"""

from runbooks import heirs, moving, stages
from runbooks.draft import Draft
from runbooks.moving import Move
from runbooks.safety import unseen_writer_refusals
from runbooks.safety_planned import source_refusals, standby_refusals


def plan_switchover(draft: Draft) -> None:
    """Derive the steps. Raises PlanError when there is nothing to move."""
    data = heirs.moving(draft)
    takers = heirs.settle(draft, data)
    moves = {name: Move(draft.source, heirs.best_of(draft, name, takers).region) for name in data}
    for name, one in moves.items():
        draft.refusals.extend(source_refusals(draft.runbook, name, one.source, draft.facts))
        draft.refusals.extend(unseen_writer_refusals(draft.runbook, name, one.source, draft.facts))
        draft.refusals.extend(standby_refusals(draft.runbook, name, one.source, one.target, draft.facts))
    moving.move(draft, moves, stages.sizes_to_take_over(draft, draft.after), {})
    moving.follow(draft, moves)
