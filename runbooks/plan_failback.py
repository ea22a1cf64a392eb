"""A failback: the former primary is rebuilt and proved equal, then everything moves home to it, and nothing is lost.

(fence the former primary, if it takes writes) ─> save what only it has ─> rebuild it ─> near enough? ─> compare
─> scale home, and so on as in a switchover ─> verify publicly ─> scale the regions that had taken over down again
"""

from collections.abc import Mapping

from runbooks import candidates, moving, safety_planned, stages, traffic
from runbooks.draft import Draft
from runbooks.heirs import as_shared
from runbooks.models import Role
from runbooks.moving import Move
from runbooks.plan import PlanError, Refusal, Reversibility
from runbooks.steps import Verb


def plan_failback(draft: Draft) -> None:
    """Derive the steps. Raises PlanError when everything is home, or the question is not about home."""
    now = {name: _writer(draft, name) for name in draft.data}
    homes = _homes(draft, now)
    if not draft.before[draft.source] and draft.source not in now.values() and not _home_serves(draft, now, homes):
        message = f"{draft.source} serves nothing now: the source of a failback is a region that serves"
        raise PlanError(message)
    draft.target = homes[0]
    draft.after = _shares(draft, homes)
    leaving = {name: at for name, at in now.items() if at is not None and _goes_home(draft, name, at, homes)}
    rebuilt: dict[str, dict[str, str]] = {}
    for name, at in now.items():
        if at is not None:
            rebuilt[name] = _rebuild_all(draft, name, at, homes, moves=name in leaving)
    if draft.after == draft.before and not leaving and not draft.steps and not draft.refusals:
        raise _all_home(draft)
    moves = {name: _move(draft, name, at, rebuilt[name]) for name, at in leaving.items()}
    ready = {home: [ids[home] for ids in rebuilt.values() if home in ids] for home in homes}
    moving.move(draft, moves, _sizes_at_home(draft), ready)
    _shrink(draft)
    moving.follow(draft, moves)


def _writer(draft: Draft, name: str) -> str | None:
    """The region that holds the writer; the source before a former primary that takes writes as well."""
    found = candidates.writers(draft.runbook, name, draft.facts)
    if not found:
        sentence = f"{name}: no region is seen to take writes; if its primary is dead, use a failover"
        draft.refusals.append(Refusal(name=None, sentence=sentence))
        return None
    at = draft.source if draft.source in found else found[0]
    draft.writers[name] = at
    return at


def _homes(draft: Draft, now: Mapping[str, str | None]) -> list[str]:
    """The regions to go home to: the one asked for, or each active one that carries less than it is to carry."""
    book, wanted = draft.runbook, draft.request.target
    if wanted is not None:
        if book.regions[wanted].role != Role.ACTIVE:
            message = f"{wanted} is a standby, and a failback goes to an active region; use a switchover to move there"
            raise PlanError(message)
        return [wanted]
    active = [name for name, region in book.regions.items() if region.role == Role.ACTIVE and name != draft.source]
    homes = [name for name in active if draft.before[name] < book.regions[name].traffic]
    away = [book.home_of(name) for name, at in now.items() if at != book.home_of(name)]
    # When everything is home already, what does not follow it any more is still rebuilt: it protects nobody as it is.
    return homes or [home for home in dict.fromkeys(away) if home != draft.source] or [draft.source]


def _home_serves(draft: Draft, now: Mapping[str, str | None], homes: list[str]) -> bool:
    """Everything is in one of the homes: nothing moves, and the others are made standbys of it again."""
    held = {at for at in now.values() if at is not None}
    return held <= set(homes) and all(region in homes for region, share in draft.before.items() if share)


def _all_home(draft: Draft) -> PlanError:
    return PlanError(f"everything of {draft.runbook.name} is home already: there is nothing to move back")


def _shares(draft: Draft, homes: list[str]) -> dict[str, int]:
    """The declared shares, among the regions that serve and those that come home."""
    declared = {name: region.traffic for name, region in draft.runbook.regions.items()}
    weights = {name: share for name, share in declared.items() if share and (draft.before[name] or name in homes)}
    after = dict.fromkeys(declared, 0) | traffic.shared(traffic.WHOLE, weights)
    return after if after == declared else as_shared(draft, after)


def _goes_home(draft: Draft, name: str, at: str, homes: list[str]) -> bool:
    home = draft.runbook.home_of(name)
    if at != home and home not in homes:
        draft.notes.append(f"{name}: the writer stays in {at}; its home is {home}")
    return at != home and home in homes


def _rebuild_all(draft: Draft, name: str, at: str, homes: list[str], *, moves: bool) -> dict[str, str]:
    """Rebuild the resource wherever it is to follow the writer and does not; the last step in each region."""
    others = [region for region in draft.runbook.regions if region != at]
    readable = [region for region in others if candidates.values(draft.facts.fresh(name, region)) is not None]
    staying = at in homes
    wanted = homes if moves else [r for r in others if staying or r in homes or r in readable]
    rebuilt: dict[str, str] = {}
    for region in wanted:
        if region == at:
            continue
        if not candidates.follows(draft.runbook, name, region, at, draft.facts):
            rebuilt[region] = _rebuild(draft, name, region, at)
        elif moves:
            draft.notes.append(f"{name} in {region} is a streaming standby of {at} already: it is not rebuilt")
            rebuilt |= _compared(draft, name, region, at, ())
    return rebuilt


def _rebuild(draft: Draft, name: str, region: str, at: str) -> str:
    draft.refusals.extend(safety_planned.rebuild_refusals(draft.runbook, name, region, at))
    needs: tuple[str, ...] = ()
    if region in candidates.writers(draft.runbook, name, draft.facts):
        draft.refusals.extend(safety_planned.former_refusals(name, region, at))
        sentence = f"Fence the former primary of {name} in {region}"
        kept = Reversibility.COMPENSABLE  # an abort must not bring the second writer back
        needs = (draft.add(Verb.FENCE, name, region, sentence, word="fence_former", reversibility=kept),)
    if draft.can(name, Verb.SALVAGE):
        sentence = f"Save what only {name} in {region} has, for review"
        needs = (draft.add(Verb.SALVAGE, name, region, sentence, upstream=at, needs=needs),)
    near = moving.rebuild(draft, name, region, upstream=at, needs=needs)
    return _compared(draft, name, region, at, (near,)).get(region, near)


def _compared(draft: Draft, name: str, region: str, at: str, needs: tuple[str, ...]) -> dict[str, str]:
    if not draft.can(name, Verb.COMPARE):
        return {}
    sentence = f"Compare {name} in {region} with {at}"
    return {region: draft.add(Verb.COMPARE, name, region, sentence, upstream=at, needs=needs)}


def _move(draft: Draft, name: str, at: str, rebuilt: Mapping[str, str]) -> Move:
    home = draft.runbook.home_of(name)
    draft.refusals.extend(safety_planned.source_refusals(draft.runbook, name, at, draft.facts))
    if candidates.follows(draft.runbook, name, home, at, draft.facts):
        draft.refusals.extend(safety_planned.standby_refusals(draft.runbook, name, at, home, draft.facts))
    return Move(at, home, tuple(step for region, step in rebuilt.items() if region == home))


def _sizes_at_home(draft: Draft) -> stages.Sizes:
    """What gains traffic must carry its share as its declared size carries its declared share."""
    return {
        name: {
            region: _in_proportion(resource.replicas.get(region, 0), share, draft.runbook.regions[region].traffic)
            for region, share in draft.after.items()
            if share > draft.before[region]
        }
        for name, resource in draft.runbook.resources.items()
        if draft.can(name, Verb.SCALE)
    }


def _in_proportion(replicas: int, share: int, declared: int) -> int:
    return max(replicas, -(-replicas * share // declared))


def _shrink(draft: Draft) -> None:
    """Back to the declared size wherever no more than the declared share is left, once clients are home."""
    book = draft.runbook
    done = (*draft.ids(Verb.CUT_OVER), *draft.ids(Verb.VERIFY))
    less = [r for r, share in draft.after.items() if share < draft.before[r] and share <= book.regions[r].traffic]
    sizes = {
        name: {r: resource.replicas.get(r, 0) for r in less if _larger(draft, name, r)}
        for name, resource in book.resources.items()
        if draft.can(name, Verb.SCALE)
    }
    stages.scale_down(draft, sizes, done)


def _larger(draft: Draft, name: str, region: str) -> bool:
    """It is seen to be larger than declared."""
    seen = traffic.size(draft.facts, name, region)
    return seen is not None and seen > draft.runbook.resources[name].replicas.get(region, 0)
