"""A domain, and the one that it follows or is to follow: both, at one look."""

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from activities.clients.opensearch import DomainView, read_domain
from activities.clients.opensearch_connections import Connection, outbound
from activities.clients.opensearch_index import BOOTSTRAPPING, SYNCING, UNKNOWN
from activities.contract import Job
from activities.stale import refuse_stale
from runbooks.aws.opensearch import OpensearchSettings

_GOING = frozenset({SYNCING, BOOTSTRAPPING, UNKNOWN})


def operations(count: int | None) -> str:
    """`1 operation`, `3 operations`, or that nobody knows."""
    if count is None:
        return "an unknown number of operations"
    return "1 operation" if count == 1 else f"{count} operations"


class FollowerSettings(OpensearchSettings):
    """A domain, and the one whose indices it is to follow."""

    upstream: OpensearchSettings


@dataclass(frozen=True)
class Pair:
    """Both domains, as they are now."""

    standby: DomainView
    upstream: DomainView
    connections: tuple[Connection, ...] = ()
    """The standby's, to whatever it may follow."""

    def leads(self, name: str) -> bool:
        """The standby's index follows the upstream's of that name."""
        one = self.standby.indices.get(name)
        aliases = {known.alias for known in self.connections if known.other == self.upstream.name and known.stands}
        return one is not None and one.follows and one.leader.partition(":")[0] in aliases

    def halted(self, name: str) -> str | None:
        """The sentence why the standby's index follows no further by itself, or None."""
        one = self.standby.indices[name].replication
        return None if one.state in _GOING else f"{name} in {self.standby.name} is {one.state}: {one.reason}."

    @property
    def unfollowed(self) -> tuple[str, ...]:
        """The upstream's indices that the standby does not follow."""
        return tuple(name for name in self.upstream.indices if not self.leads(name))

    def lacks(self, name: str) -> int | None:
        """How many of the upstream's operations the standby's index has not; None: nobody knows."""
        one, leader = self.standby.indices[name], self.upstream.indices[name]
        if not one.whole or not leader.whole or one.replication.state != SYNCING:
            return None
        return max(0, leader.written - one.position)

    @property
    def behind(self) -> int | None:
        """The same of all that it follows; None: nobody knows, or there is one that it does not follow."""
        lacking = [self.lacks(name) for name in self.upstream.indices if self.leads(name)]
        known = [one for one in lacking if one is not None]
        return sum(known) if known and len(known) == len(self.upstream.indices) else None

    def evidence(self) -> dict[str, JsonValue]:
        """What each said."""
        known: list[JsonValue] = [one.evidence() for one in self.connections]
        both: dict[str, JsonValue] = {"standby": self.standby.evidence(), "upstream": self.upstream.evidence()}
        return {**both, "connections": known}


async def read_pair(job: Job[Any], upstream: OpensearchSettings) -> Pair:
    """Look at both. Raises StepError, also when either has kept a newer decision."""
    settings = job.settings
    # The standby first: what the upstream is given meanwhile makes it look further behind, never nearer.
    standby, known = await asyncio.gather(read_domain(job, settings), outbound(job, settings))
    above = await read_domain(job, upstream)
    for seen in (standby, above):
        refuse_stale(job, seen.epoch, f"The domain {seen.name}")
    return Pair(standby, above, known)
