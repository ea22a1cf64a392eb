"""Where the writer is, and which standby of a data resource is the least behind. Pure: readings in, answers out.

How much would be lost is bounded from what was seen, never guessed:
- nothing, when the primary was last seen (shortly before it failed) to wait for this standby at every commit, and no
  other server that can be read is ahead of it; where it waits for any of a quorum, only when none of the others can be;
- else from the fault (or now) back to the newest commit that the standby has replayed, or to the last reading of the
  primary whose position this standby has reached, then or since: whichever is the shorter.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from runbooks.facts import DataValues, Facts
from runbooks.kind import known_as
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.steps import Reading
from runbooks.values import Model, Seconds, UnixTime

_SYNCHRONOUS = frozenset({"sync", "quorum"})
_UNSEEN = math.inf
"""The position of a server that cannot be read: it may have anything."""


class Candidate(Model):
    """One standby: `loss_*` None = could not be measured. `unreadable` says why it cannot be judged at all."""

    region: str
    timeline: int = 0
    position: int = 0
    loss_seconds: Seconds | None = None
    loss_bytes: int | None = None
    loss_transactions: int | None = None
    """How many the primary was last seen to have that this one has not, where both count them."""
    replicating: bool | None = None
    """As its primary saw it last; None when nobody could tell, or its kind's primaries know no standbys."""
    unreadable: str | None = None


def values(reading: Reading | None) -> DataValues | None:
    """The reading's values, if it is a healthy one of a database."""
    if reading is None or reading.state != "healthy":
        return None
    try:
        return DataValues.model_validate(reading.values)
    except ValidationError:
        return None


def writers(runbook: Runbook, resource: str, facts: Facts) -> tuple[str, ...]:
    """Every region whose server is seen to take writes now; a fenced former primary does not."""
    seen = {region: values(facts.fresh(resource, region)) for region in runbook.regions}
    return tuple(region for region, value in seen.items() if value is not None and value.writable)


def standby_name(runbook: Runbook, resource: str, region: str) -> str:
    """The name by which a primary knows the resource's standby in that region; empty when it has none."""
    return known_as(KINDS[runbook.resources[resource].kind], runbook.settings_of(resource, region))


def follows(runbook: Runbook, resource: str, region: str, primary: str, facts: Facts) -> bool:
    """The region's server is seen to be a streaming standby of that primary, which is seen to know it, if it can."""
    standby, upstream = values(facts.fresh(resource, region)), values(facts.fresh(resource, primary))
    if standby is None or upstream is None or standby.role != "standby":
        return False
    name = standby_name(runbook, resource, region)
    if not name:
        return standby.streaming
    seen = upstream.standbys.get(name)
    return seen is not None and seen.state == "streaming"


def candidate(runbook: Runbook, resource: str, region: str, source: str, facts: Facts) -> Candidate:
    """The standby in the region, judged."""
    reading = facts.fresh(resource, region)
    standby = values(reading)
    if standby is None:
        why = "no reading young enough" if reading is None else reading.reason.rstrip(".")
        return Candidate(region=region, unreadable=why)
    if standby.role != "standby":
        return Candidate(region=region, unreadable="it is a primary itself and follows nobody: a failback rebuilds it")
    primary = primary_seen(resource, source, facts)
    name = standby_name(runbook, resource, region)
    seen = primary[1].standbys.get(name) if primary else None
    loss_bytes = seen.lag_bytes if seen else standby.lag_bytes
    return Candidate(
        region=region,
        timeline=standby.timeline,
        position=standby.position,
        loss_seconds=_loss_seconds(standby, name, _sight(runbook, resource, source, facts)),
        loss_bytes=loss_bytes,
        loss_transactions=_loss_transactions(standby, primary[1] if primary else None),
        replicating=None if primary is None or not name else seen is not None,
    )


def best(candidates: tuple[Candidate, ...]) -> Candidate:
    """The least behind: readable ones first, then by position, then by what would be lost, then in the given order.

    Positions of different timelines cannot be compared: whoever stands on an older one has missed a promotion.
    """
    return max(candidates, key=lambda c: (c.unreadable is None, c.timeline, c.position, -_most_lost(c)))


def _most_lost(one: Candidate) -> float:
    return math.inf if one.loss_seconds is None else one.loss_seconds


def primary_seen(resource: str, source: str, facts: Facts) -> tuple[Reading, DataValues] | None:
    """The newest reading of the source as a primary: now, or shortly before it failed."""
    reading = facts.fresh(resource, source)
    now = values(reading)
    if reading is not None and now is not None and now.role == "primary":
        return reading, now
    history = _before_the_fault(resource, source, facts)
    return history[-1] if history else None


def _before_the_fault(resource: str, source: str, facts: Facts) -> list[tuple[Reading, DataValues]]:
    fault = facts.at if facts.fault_at is None else facts.fault_at
    found = [
        (reading, value)
        for reading in facts.history
        if (reading.resource, reading.region) == (resource, source)
        and 0 <= fault - reading.observed_at <= facts.max_age
        and (value := values(reading)) is not None
        and value.role == "primary"
    ]
    return sorted(found, key=lambda pair: pair[0].observed_at)


@dataclass(frozen=True)
class _Sight:
    """What a standby is compared with."""

    fault: UnixTime
    alive: DataValues | None
    """The source now."""
    history: list[tuple[Reading, DataValues]]
    """The source as a primary, before the fault."""
    told: list[tuple[Reading, DataValues]]
    """The same, and the source now if it is one."""
    positions: dict[str, int]
    """The position of every server that can be read, by the name of its standby."""


def _sight(runbook: Runbook, resource: str, source: str, facts: Facts) -> _Sight:
    read = {region: values(facts.fresh(resource, region)) for region in runbook.regions}
    names = {region: standby_name(runbook, resource, region) for region in read}
    history, now = _before_the_fault(resource, source, facts), primary_seen(resource, source, facts)
    return _Sight(
        fault=facts.at if facts.fault_at is None else facts.fault_at,
        alive=read[source],
        history=history,
        told=history if now is None else [*history, now],
        positions={names[region]: value.position for region, value in read.items() if value is not None},
    )


def _loss_transactions(standby: DataValues, primary: DataValues | None) -> int | None:
    if primary is None or primary.transactions is None or standby.transactions is None:
        return None
    return max(0, primary.transactions - standby.transactions)


def _loss_seconds(standby: DataValues, name: str, sight: _Sight) -> float | None:
    """Who is outrun by another may have been dropped by a primary that died bit by bit, whatever that said before."""
    alive, history = sight.alive, sight.history
    # A standby that was cut off goes on streaming, nothing behind, in its own eyes: the source must say so too.
    if standby.streaming and standby.lag_bytes == 0 and alive is not None and standby.position >= alive.position:
        return 0.0
    bounds = [] if standby.last_commit_at is None else [max(0.0, sight.fault - standby.last_commit_at)]
    for reading, primary in history:
        seen = primary.standbys.get(name)
        reached = standby.timeline == primary.timeline and standby.position >= primary.position > 0
        if seen is not None and seen.state == "streaming" and (seen.lag_bytes == 0 or reached):
            bounds.append(sight.fault - reading.observed_at)
    for reading, primary in sight.told:
        seen = primary.standbys.get(name)
        if seen is not None and seen.state == "streaming" and seen.lag_seconds is not None:
            bounds.append(max(0.0, sight.fault - reading.observed_at) + seen.lag_seconds)
    if any(position > standby.position for position in sight.positions.values()):
        return min((bound for bound in bounds if bound), default=None)  # another has more: it is not nothing
    if history and _has_every_answered_commit(history[-1][1], standby, name, sight.positions):
        return 0.0
    return min(bounds, default=None)


def _has_every_answered_commit(
    primary: DataValues, standby: DataValues, name: str, positions: Mapping[str, int]
) -> bool:
    """The primary waited for this very standby, or for some of a quorum of which no other one can have more."""
    seen = primary.standbys.get(name)
    if not primary.synchronous or seen is None or seen.sync_state not in _SYNCHRONOUS:
        return False
    others = {other for other, its in primary.standbys.items() if its.sync_state == "quorum"} - {name}
    return seen.sync_state == "sync" or all(positions.get(other, _UNSEEN) <= standby.position for other in others)
