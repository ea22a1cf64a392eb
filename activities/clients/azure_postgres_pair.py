"""A replica and the primary that it replicates from: what steps between two regions have, and what they see."""

import asyncio
from dataclasses import dataclass

from pydantic import JsonValue

from activities.catching_up import Nearness
from activities.clients.azure import azure
from activities.clients.azure_postgres import Server, read_server, server_drained, server_lag
from activities.contract import Job
from activities.lagging import Lag
from runbooks.azure.databases import AzurePostgresSettings


class PromoteSettings(AzurePostgresSettings):
    """The replica, and in a planned procedure the primary that it must have everything of."""

    upstream: AzurePostgresSettings | None = None


class FollowerSettings(AzurePostgresSettings):
    """The replica, and the primary that it is to follow."""

    upstream: AzurePostgresSettings


class CatchUpSettings(FollowerSettings, Nearness):
    """The same, and how near is near enough."""


@dataclass(frozen=True)
class Gap:
    """Both ends, at one look."""

    replica: Server
    primary: Server
    lag: Lag
    drained_at: float | None
    """When the primary was last seen to have sent everything to each of its replicas."""

    @property
    def name(self) -> str:
        """The replica's."""
        return self.replica.name

    @property
    def why_apart(self) -> str | None:
        """The sentence why the replica does not follow the primary, or None."""
        if self.replica.follows(self.primary.id):
            return None
        follows = f"follows {self.replica.source}" if self.replica.role == "standby" else "is a primary itself"
        return f"{self.replica.name} {follows}, and not {self.primary.id}: reseed it first."

    @property
    def has_everything(self) -> bool:
        """Azure Monitor has told of a moment after the fence up to which nothing is missing."""
        at = self.primary.fenced_at
        if not self.primary.fenced or at is None:
            return False
        return self.lag.covers(at) or (self.drained_at is not None and self.drained_at >= at)

    def evidence(self) -> dict[str, JsonValue]:
        """Both, and the lag."""
        return {
            "replica": self.replica.evidence(),
            "primary": self.primary.evidence(),
            "lag": self.lag.evidence(),
            "drained_at": self.drained_at,
            "has_everything": self.has_everything,
        }


async def read_gap(job: Job[FollowerSettings]) -> Gap:
    """Look at both. Raises StepError."""
    upstream = job.settings.upstream
    here, there = azure(job), azure(job, upstream)
    replica, primary = await asyncio.gather(read_server(here, job.settings), read_server(there, upstream))
    lag = await server_lag(here, replica) if replica.role == "standby" else Lag()
    drained = await server_drained(there, primary) if primary.fenced else None
    return Gap(replica, primary, lag, drained)
