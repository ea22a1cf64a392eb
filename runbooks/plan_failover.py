"""A failover of any region S of N, for active-passive and active-active alike. S is presumed dead.

fence S's writers ─┐
                   ├─> promote where the lag is least ─> verify each heir from inside ─> cut over ─> verify publicly
scale the heirs ───┘ (scale and fence run together; scale is needed by the verify of its region)

Then, off the critical path, the standbys in other regions follow the new primary. S itself is left to a failback.
"""

from runbooks import candidates, heirs, moving, safety, stages
from runbooks.draft import Draft
from runbooks.moving import Move
from runbooks.steps import Verb


def plan_failover(draft: Draft) -> None:
    """Derive the steps. Raises PlanError when there is nothing to move."""
    data = heirs.moving(draft)
    takers = heirs.settle(draft, data)
    stages.scale(draft, stages.sizes_to_take_over(draft, draft.after))
    for name in data:
        _promote(draft, name, takers)
    promotes = draft.ids(Verb.PROMOTE)
    promoted = {step.region for step in draft.steps if step.verb == Verb.PROMOTE}
    places = [r for r in draft.after if draft.after[r] > draft.before[r] or r in promoted]
    stages.verify_inside(draft, places or [draft.target], promotes)
    scales = (step for region in draft.after for step in stages.scales_waited_for(draft, region))
    stages.cut_over(draft, (*promotes, *scales, *draft.ids(Verb.VERIFY)))
    moving.follow(draft, {name: Move(draft.source, draft.writers[name]) for name in data}, spared=[draft.source])


def _promote(draft: Draft, name: str, takers: list[str]) -> None:
    standbys = heirs.judged(draft, name)
    chosen = candidates.best(tuple(standbys[region] for region in takers))
    if any(rival.unreadable is None and rival.timeline > chosen.timeline for rival in standbys.values()):
        # It has missed a promotion: nothing that was seen of it bounds what it lacks.
        chosen = chosen.model_copy(update={"loss_seconds": None})
    draft.refusals.extend(safety.promotion_refusals(draft.runbook, name, chosen, tuple(standbys.values())))
    draft.refusals.extend(safety.unseen_writer_refusals(draft.runbook, name, draft.source, draft.facts))
    draft.refusals.extend(safety.fence_refusals(draft.runbook, name, draft.source, draft.facts))
    draft.loss.append(safety.loss(name, chosen, tuple(standbys.values())))
    source, region = draft.source, chosen.region
    fence = draft.add(Verb.FENCE, name, source, f"Fence {name} in {source}")
    draft.add(Verb.PROMOTE, name, region, f"Promote {name} in {region} to primary", needs=(fence,))
    draft.writers[name] = region
