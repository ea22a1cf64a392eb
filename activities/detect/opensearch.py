"""`detect.opensearch`: who may write to a domain's indices, whether they follow their leaders, and how far behind."""

import asyncio
import time

from activities.clients.opensearch import SEES, DomainView, OnDomain, read_domain, read_replication
from activities.clients.opensearch_connections import ACTIVE, INBOUND, inbound
from activities.clients.opensearch_index import SYNCING, UNKNOWN, Replication
from activities.clients.opensearch_wire import wire
from activities.contract import Job
from activities.lifeline import poll
from activities.observing import Detector, Sight
from runbooks.aws.opensearch import OpensearchSettings
from runbooks.facts import DataValues, StandbyValues

_EVERY = 0.1
_MEASURED_WITHIN = 1.0
"""Seconds that a standby has to get what its leaders had at the first look: how long it takes is its lag."""


class DetectOpensearch(OnDomain, Detector[OpensearchSettings]):
    """A domain whose indices can be read is healthy. One that has an index which takes writes is a writer.

    Replication tells operations, and no time: a standby that lacks some is looked at again until it has them. With its
    leader's domain dead nothing is known of its lag.
    """

    uses = "detect.opensearch"
    tested_against = "moto + fake (the domain's own interface, connections)"
    permissions = (*SEES, INBOUND)
    unscoped = frozenset({INBOUND})
    Settings = OpensearchSettings

    async def _look(self, job: Job[OpensearchSettings]) -> Sight:
        began = time.time()
        seen = await read_domain(job, job.settings)
        broken = [name for name, one in seen.indices.items() if not one.whole and not one.follows]
        if broken:
            reason = f"Shards of {' and '.join(broken)} in {seen.name} are not there: nobody knows how far it is."
            return Sight(good=False, reason=reason, values=seen.evidence())
        reason, values = await _standby(job, seen, began) if seen.standby else await _primary(job, seen)
        return Sight(good=True, reason=reason, values=values.model_dump(mode="json"))


async def _primary(job: Job[OpensearchSettings], seen: DomainView) -> tuple[str, DataValues]:
    values = DataValues(
        role="primary",
        position=sum(one.written for one in seen.indices.values()),
        read_only=not seen.open,
        epoch=seen.epoch,
        standbys={
            one.other: StandbyValues(state=_state(seen, one.other, one.status), sync_state="async")
            for one in await inbound(job, job.settings)
            if one.stands
        },
    )
    others = [f"{name} ({one.state})" for name, one in sorted(values.standbys.items())]
    takes = f"{' and '.join(seen.open)} take writes" if seen.open else "All of its indices are blocked"
    also = f"; {' and '.join(seen.following)} follow another domain" if seen.following else ""
    return f"{takes}{also}; its standbys: {', '.join(others) or 'none'}.", values


def _state(seen: DomainView, standby: str, connection: str) -> str:
    """It streams when it holds a fresh lease on every shard of every index."""
    if connection != ACTIVE:
        return connection.lower()
    domain = standby.partition(":")[2]
    without = [name for name, one in seen.indices.items() if domain not in one.followers]
    return f"does not follow {' and '.join(without)}" if without else "streaming"


async def _standby(job: Job[OpensearchSettings], seen: DomainView, began: float) -> tuple[str, DataValues]:
    missing = [name for name in job.settings.indices if "*" not in name and name not in seen.indices]
    followers = {name: seen.indices[name] for name in seen.following}
    going = {SYNCING, UNKNOWN}
    halted = {name: one for name, one in followers.items() if one.replication.state not in going}
    streams = bool(followers) and all(one.whole and one.replication.state == SYNCING for one in followers.values())
    streaming = streams and not missing
    lag = await _lag(job, seen, began) if streaming else None
    values = DataValues(
        role="standby",
        position=sum(one.position for name, one in followers.items() if name not in halted),
        streaming=streaming,
        lag_seconds=lag,
        lag_bytes=0 if lag == 0 else None,
        last_commit_at=None if lag is None else began,
        read_only=True,
        epoch=seen.epoch,
    )
    told = [f"{name} is {one.replication.state}: {one.replication.reason}" for name, one in halted.items()]
    told += [f"{name} is not there" for name in missing]
    if lag is None:
        told.append("how far it is behind is not known")
    else:
        told.append("it has everything" if lag == 0 else f"what it lacked came within {lag:.1f} s")
    return f"It is a standby; {'; '.join(told)}.", values


async def _lag(job: Job[OpensearchSettings], seen: DomainView, began: float) -> float | None:
    """Seconds until it had what its leaders had at the look; 0: it had everything; None: it did not get it in time."""
    goal = {name: seen.indices[name].replication for name in seen.following}
    if all(one.behind == 0 for one in goal.values()):
        return 0.0
    there = await wire(job, job.settings, seen.address)

    async def look() -> dict[str, Replication]:
        said = await asyncio.gather(*(read_replication(there, name) for name in goal))
        return dict(zip(goal, said, strict=True))

    def reached(now: dict[str, Replication]) -> bool:
        return all(_has(now[name], one) for name, one in goal.items())

    _, done = await poll(look, reached, every=_EVERY, within=min(_MEASURED_WITHIN, job.allowed / 2))
    return time.time() - began if done else None


def _has(now: Replication, goal: Replication) -> bool:
    if now.state != SYNCING or now.follower_checkpoint is None or goal.leader_checkpoint is None:
        return False
    return now.follower_checkpoint >= goal.leader_checkpoint
