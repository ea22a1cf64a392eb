"""`reseed.azure_postgres`: the former primary is a replica again. No data are destroyed.

After a switchover Azure makes it one itself; this waits, and gives back what the fence has taken. Where there is no
server of that name any more, a new replica is made. Azure makes no replica of a server that exists, and mends no
broken replication: then its owner keeps what only it has, and deletes it.

https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas (considerations)
"""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import JsonValue

from activities.acting import Act
from activities.azure import OnAzure
from activities.clients import azure_locks as locks
from activities.clients.azure import azure
from activities.clients.azure_postgres import (
    LOOKS,
    READY,
    WRITES,
    Server,
    create_replica,
    find_server,
    lift_fence,
    note_epoch,
    read_replicas,
    read_server,
    resume_changes,
    resume_creation,
)
from activities.clients.azure_postgres_pair import FollowerSettings
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.stale import refuse_stale
from runbooks.steps import ErrorType

_JOINS = ("Microsoft.Network/virtualNetworks/subnets/join/action", "Microsoft.Network/privateDnsZones/join/action")
"""What a new replica in a virtual network needs."""


@dataclass(frozen=True)
class Rejoining:
    """The server that is to follow (None: there is none), and its upstream."""

    own: Server | None
    upstream: Server
    known: bool
    """The upstream counts it among its replicas."""

    @property
    def ready(self) -> bool:
        """It replicates."""
        own = self.own
        return own is not None and own.follows(self.upstream.id) and own.replication == "Active" and own.status == READY

    @property
    def said(self) -> str:
        """In words."""
        return "not there yet" if self.own is None else f"{self.own.status} ({self.own.replication or 'no replica'})"

    def evidence(self) -> dict[str, JsonValue]:
        """Both."""
        return {
            "server": None if self.own is None else self.own.evidence(),
            "upstream": self.upstream.evidence(),
            "known": self.known,
        }


class ReseedAzurePostgres(OnAzure, Act[FollowerSettings, Rejoining]):
    """Waits until Azure has made it a replica, or makes a new one where there is none, and lifts its fence."""

    uses = "reseed.azure_postgres"
    permissions = (locks.READS, *LOOKS, *WRITES, "Microsoft.DBforPostgreSQL/flexibleServers/replicas/read", *_JOINS)
    Settings = FollowerSettings
    every: ClassVar[float] = 2.0

    @classmethod
    def scopes(cls, settings: FollowerSettings) -> tuple[str, ...]:
        """Both servers; where one must be made anew after each failover, its group; and what it is joined to."""
        group = (settings.group_id,) if settings.standalone else ()
        joined = (settings.delegated_subnet, settings.private_dns_zone)
        return (settings.server_id, settings.upstream.server_id, *group, *(one for one in joined if one is not None))

    @classmethod
    def needs(cls, settings: FollowerSettings) -> tuple[str, ...]:
        """Joining, in virtual networks alone."""
        joins = _JOINS if settings.delegated_subnet is not None else ()
        return tuple(one for one in cls.permissions if one not in _JOINS or one in joins)

    async def _observe(self, job: Job[FollowerSettings]) -> Rejoining:
        settings = job.settings
        above = azure(job, settings.upstream)
        upstream = await read_server(above, settings.upstream)
        refuse_stale(job, upstream.epoch, f"{upstream.name} ({settings.upstream.azure_region})")
        own = await find_server(azure(job), settings)
        if own is not None:
            refuse_stale(job, own.epoch, f"{own.name} in {job.call.region}")
        known = own is not None and own.id.lower() in await read_replicas(above, settings.upstream)
        seen = Rejoining(own, upstream, known)
        if why_not := _why_not(job, seen):
            raise StepError(ErrorType.WRONG_STATE, why_not, seen.evidence())
        return seen

    def _settled(self, job: Job[FollowerSettings], seen: Rejoining) -> str | None:
        own = seen.own
        if own is None or not seen.ready or own.fence_of is not None or own.epoch != job.call.epoch:
            return None
        return f"{own.name} replicates from {seen.upstream.name} already."

    async def _act(self, job: Job[FollowerSettings], seen: Rejoining) -> str:
        there, settings = azure(job), job.settings
        made = "Azure has made it one"
        if seen.own is None or await resume_creation(there, settings):
            made = "it was made anew"
        if seen.own is None:
            await locks.refuse_locked(there, settings.group_id)
            await create_replica(job, there, settings, seen.upstream)
        else:
            await resume_changes(there, settings)
        own = await self._until_ready(job)
        await locks.refuse_locked(there, settings.server_id)
        if own.epoch != job.call.epoch:
            await note_epoch(job, there, settings, own)
            own = await self._until_ready(job)
        if own.fence_of is None:
            return f"{own.name} is a replica of {seen.upstream.name}: {made}."
        await lift_fence(there, settings, own)
        return f"{own.name} is a replica of {seen.upstream.name}: {made}; its fence was lifted."

    async def _until_ready(self, job: Job[FollowerSettings]) -> Server:
        failed: list[StepError] = []

        async def look() -> Rejoining | None:
            try:
                now = await self._observe(job)
            except StepError as error:
                if error.final:
                    raise
                failed[:] = [error]
                return None
            job.progress.text = f"{job.settings.server} is {now.said}"
            return now

        now, done = await poll(look, lambda now: now is not None and now.ready, every=self.every, within=job.allowed)
        if now is None:
            raise failed[0]
        if not done or now.own is None:
            sentence = f"{job.settings.server} is {now.said} after {job.allowed:.0f} s: look at its activity log."
            raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
        return now.own


def _why_not(job: Job[FollowerSettings], seen: Rejoining) -> str | None:
    """The sentence why it can never follow as things are, or None."""
    upstream, own = seen.upstream, seen.own
    if upstream.role == "standby":
        return f"{upstream.name} is no primary: nothing can follow it. Look where the writer is."
    if own is None:
        return None
    again = "keep what only it has, delete it, and say retry: a new replica is made"
    if own.replication == "Broken":
        return f"The replication of {own.name} in {job.call.region} is broken, and Azure does not mend it: {again}."
    if own.role == "primary" and not seen.known:
        return f"{own.name} in {job.call.region} is a server of its own, and Azure makes no replica of it: {again}."
    if own.role == "standby" and not own.follows(upstream.id) and own.replication != "Reconfiguring" and own.passing:
        return f"{own.name} in {job.call.region} follows {own.source}, and not {upstream.name}: look at both."
    if own.status in {"Stopped", "Stopping", "Disabled", "Dropping", "Inaccessible"}:
        return f"{own.name} in {job.call.region} is {own.status}: it cannot follow; look at it."
    return None
