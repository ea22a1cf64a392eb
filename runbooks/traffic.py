"""Who carries which share of the traffic, before and after, and how large each must be for it."""

from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from runbooks.facts import DnsValues, Facts, ProcessValues
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.probes import PUBLIC
from runbooks.steps import Verb

WHOLE = 100


def shared(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Split `total` by weight in whole numbers that sum to it (largest remainder; ties in the given order)."""
    whole = sum(weights.values())
    exact = {name: total * weight / whole for name, weight in weights.items()}
    shares = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: shares[name] - exact[name])
    for name in by_remainder[: total - sum(shares.values())]:
        shares[name] += 1
    return shares


def public_names(runbook: Runbook) -> tuple[str, ...]:
    """The resources that lead clients to a region."""
    return tuple(name for name, r in runbook.resources.items() if Verb.CUT_OVER in KINDS[r.kind].verbs)


def led_to(facts: Facts, resource: str) -> tuple[str, ...] | None:
    """The regions that the public name leads to now, or None when nobody could tell."""
    seen = _leading(facts, resource)
    return None if seen is None else seen.regions


def _leading(facts: Facts, resource: str) -> DnsValues | None:
    reading = facts.fresh(resource, PUBLIC)
    if reading is None or reading.state != "healthy":
        return None
    try:
        return DnsValues.model_validate(reading.values)
    except ValidationError:
        return None


def serves(facts: Facts, resource: str, region: str) -> bool:
    """The group is seen to have at least one replica that serves."""
    seen = _group(facts, resource, region)
    return seen is not None and seen.ready > 0


def size(facts: Facts, resource: str, region: str) -> int | None:
    """How many replicas the group is to have now; None when nobody could tell."""
    seen = _group(facts, resource, region)
    return None if seen is None else seen.desired


def _group(facts: Facts, resource: str, region: str) -> ProcessValues | None:
    reading = facts.fresh(resource, region)
    if reading is None or reading.state != "healthy":
        return None
    try:
        return ProcessValues.model_validate(reading.values)
    except ValidationError:
        return None


def before(runbook: Runbook, facts: Facts) -> dict[str, int]:
    """Each region's share now: as seen at the first public name, else as declared."""
    declared = {name: region.traffic for name, region in runbook.regions.items()}
    for resource in public_names(runbook):
        seen = _leading(facts, resource)
        if seen is None or not seen.regions:
            continue
        weights = {name: seen.weights[name] for name in declared if seen.weights.get(name)}
        if weights:
            return dict.fromkeys(declared, 0) | shared(WHOLE, weights)
        if set(seen.regions) != {name for name, share in declared.items() if share}:
            return dict.fromkeys(declared, 0) | shared(WHOLE, {name: 1 for name in declared if name in seen.regions})
        break
    return declared


def staged(shares: Mapping[str, int], then: Mapping[str, int], stages: Iterable[int]) -> tuple[dict[str, int], ...]:
    """The shares after each stage (a percentage of the move), and at the end; equal ones once."""
    found: list[dict[str, int]] = []
    for part in (*stages, WHOLE):
        mixed = {name: shares[name] * (WHOLE - part) + then[name] * part for name in then}
        weights = shared(WHOLE, mixed) if part < WHOLE else dict(then)
        if weights not in (dict(shares), *found):
            found.append(weights)
    return tuple(found)


def survivors(shares: Mapping[str, int], source: str) -> tuple[str, ...]:
    """The regions that carry traffic and are not the source."""
    return tuple(name for name, share in shares.items() if share and name != source)


def after(shares: Mapping[str, int], source: str, heirs: Iterable[str]) -> dict[str, int]:
    """The source's share goes to the heirs, by the weight they have (equally when they have none)."""
    chosen = {heir: shares[heir] for heir in heirs}
    weights = chosen if sum(chosen.values()) else dict.fromkeys(chosen, 1)
    gained = shared(shares[source], weights)
    return {name: 0 if name == source else share + gained.get(name, 0) for name, share in shares.items()}


def equally(shares: Mapping[str, int]) -> dict[str, int]:
    """The same whole, given in equal parts to everyone who has a share; unchanged when they are equal already."""
    weights = {name: 1 for name, share in shares.items() if share}
    given = {share for share in shares.values() if share}
    if not given or max(given) - min(given) <= 1:
        return dict(shares)
    return dict.fromkeys(shares, 0) | shared(sum(shares.values()), weights)


def replicas_needed(
    declared: Mapping[str, int], shares: Mapping[str, int], then: Mapping[str, int], source: str
) -> dict[str, int]:
    """How many replicas each region that gains traffic must have.

    What carried the lost share in the source must be carried by the heirs: to what an heir runs for its own
    share, add the source's replicas in proportion to the gain, rounded up. Never below the declared size.
    """
    needed: dict[str, int] = {}
    for region, share in then.items():
        gain = share - shares[region]
        if gain <= 0:
            continue
        own = declared.get(region, 0) if shares[region] else 0
        added = -(-declared.get(source, 0) * gain // shares[source])
        needed[region] = max(declared.get(region, 0), own + added)
    return needed
