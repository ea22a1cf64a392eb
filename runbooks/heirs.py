"""Who takes over what the source has: its share of the traffic, and the writer of each data resource."""

from runbooks import candidates, safety, traffic
from runbooks.draft import Draft
from runbooks.kinds import KINDS
from runbooks.models import Role
from runbooks.plan import PlanError


def moving(draft: Draft) -> list[str]:
    """The data resources whose writer the source holds, or may hold: no other region is seen to hold it."""
    return [name for name in draft.data if _must_move(draft, name)]


def _must_move(draft: Draft, resource: str) -> bool:
    found = candidates.writers(draft.runbook, resource, draft.facts)
    draft.refusals.extend(safety.writer_refusals(resource, found))
    if found and draft.source not in found:
        draft.notes.append(f"{resource}: {found[0]} holds the writer; it stays there")
        draft.writers[resource] = found[0]
        return False
    return True


def settle(draft: Draft, data: list[str]) -> list[str]:
    """Choose the heirs of the source, and so the target and the shares afterwards. Raises PlanError for no question."""
    if not data and not draft.before[draft.source]:
        message = f"{draft.source} carries no traffic and holds no writer: there is nothing to move out of it"
        raise PlanError(message)
    heirs = _heirs(draft, data)
    draft.target = draft.request.target or heirs[0]
    draft.after = as_shared(draft, traffic.after(draft.before, draft.source, heirs))
    return heirs


def _heirs(draft: Draft, data: list[str]) -> list[str]:
    """The regions that take over the source's share: the one asked for, the survivors, or the best standby."""
    if draft.request.target is not None:
        return [draft.request.target]
    alive = list(traffic.survivors(draft.before, draft.source))
    if alive:
        return alive
    standbys = [n for n, r in draft.runbook.regions.items() if n != draft.source and r.role == Role.STANDBY]
    others = standbys or [name for name in draft.runbook.regions if name != draft.source]
    return [min(others, key=lambda region: _drawbacks(draft, region, data))]


def as_shared(draft: Draft, wanted: dict[str, int]) -> dict[str, int]:
    """The shares as the public names can give them: one that cannot weigh leads to all its regions equally."""
    names = [draft.runbook.resources[name] for name in traffic.public_names(draft.runbook)]
    unable = sorted({each.kind for each in names if not KINDS[each.kind].can_weigh(each.common)})
    if not unable or wanted == draft.before:
        return wanted
    equal = traffic.equally(wanted)
    if equal != wanted:
        leads = " and ".join(region for region, share in equal.items() if share)
        draft.notes.append(f"{' and '.join(unable)} cannot weigh; {leads} will share the traffic equally")
    return equal


def judged(draft: Draft, name: str) -> dict[str, candidates.Candidate]:
    """The data resource's standby in every region but the source."""
    regions = (region for region in draft.runbook.regions if region != draft.source)
    return {r: candidates.candidate(draft.runbook, name, r, draft.source, draft.facts) for r in regions}


def best_of(draft: Draft, name: str, heirs: list[str]) -> candidates.Candidate:
    """The heir whose standby of this resource is the least behind."""
    standbys = judged(draft, name)
    return candidates.best(tuple(standbys[region] for region in heirs))


def _drawbacks(draft: Draft, region: str, data: list[str]) -> tuple[int, int, float]:
    """What is against the region, heaviest first. Who has more of the log loses less, whatever was said before."""
    unreadable, behind, losses = 0, 0, [0.0]
    for name in data:
        standbys = judged(draft, name)
        own = standbys[region]
        unreadable += own.unreadable is not None
        behind += any(safety.is_ahead(rival, own) for rival in standbys.values())
        losses.append(float("inf") if own.loss_seconds is None else own.loss_seconds)
    return unreadable, behind, max(losses)
