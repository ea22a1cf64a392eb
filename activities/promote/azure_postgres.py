"""`promote.azure_postgres`: make a replica the primary. Azure makes a replica of the old primary in the same operation.

Planned, Azure waits until nothing is missing; in a failover it is forced, which Azure does whatever has become of the
old primary's region. `standalone` ends the replication instead: then nothing follows the new primary.

https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas-promote
"""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from activities.acting import Act
from activities.azure import OnAzure
from activities.clients import azure_locks as locks
from activities.clients import azure_metrics
from activities.clients.azure import azure
from activities.clients.azure_postgres import (
    LOOKS,
    READY,
    WRITES,
    Server,
    lift_fence,
    note_epoch,
    promote,
    read_readers,
    read_server,
    resume_changes,
)
from activities.clients.azure_postgres_pair import PromoteSettings, read_gap
from activities.contract import Job
from activities.errors import StepError
from activities.settling import until
from activities.stale import refuse_stale
from runbooks.azure.databases import AzurePostgresSettings
from runbooks.steps import ErrorType, StepResult


class PromoteAzurePostgres(OnAzure, Act[PromoteSettings, Server]):
    """With an `upstream` (nothing may be lost) that one must be fenced, and replication must be well.

    Without one nothing is asked of the region that is left: its control plane may hang.
    """

    uses = "promote.azure_postgres"
    permissions = (
        locks.READS,
        *LOOKS,
        *WRITES,
        "Microsoft.DBforPostgreSQL/flexibleServers/virtualendpoints/read",
        azure_metrics.READS,
    )
    Settings = PromoteSettings
    every: ClassVar[float] = 1.0

    @classmethod
    def scopes(cls, settings: PromoteSettings) -> tuple[str, ...]:
        """The replica, and the primary of a planned move."""
        return (settings.server_id, *((settings.upstream.server_id,) if settings.upstream else ()))

    async def _observe(self, job: Job[PromoteSettings]) -> Server:
        seen = await read_server(azure(job), job.settings)
        refuse_stale(job, seen.epoch, f"{seen.name} in {job.call.region}")
        if not seen.passing:
            sentence = f"{seen.name} in {job.call.region} is {seen.status}: it cannot be promoted; look at it."
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        return seen

    def _settled(self, job: Job[PromoteSettings], seen: Server) -> str | None:
        if seen.role == "standby" or seen.status != READY or seen.epoch != job.call.epoch or seen.fence_of is not None:
            return None
        return f"{seen.name} is a primary already."

    async def _check(self, job: Job[PromoteSettings]) -> StepResult:
        seen = await self._observe(job)
        reason = self._settled(job, seen)
        if reason is None:
            await locks.refuse_locked(azure(job), job.settings.server_id)
            await self._reachable(job, seen)
        return StepResult(changed=False, reason=reason or f"{seen.name} could be promoted now.", before=seen.evidence())

    async def _act(self, job: Job[PromoteSettings], seen: Server) -> str:
        there, settings, done = azure(job), job.settings, []
        await resume_changes(there, settings)
        await locks.refuse_locked(there, settings.server_id)
        now = await self._until(job, lambda now: now.status == READY, READY)
        if now.role == "standby":
            await self._unless_promoted(job, self._everything(job, now))
        await note_epoch(job, there, settings, now)
        now = await self._until(job, lambda now: now.status == READY, READY)
        if now.role == "standby":
            mode = "Standalone" if settings.standalone else "Switchover"
            option = "Planned" if settings.upstream is not None else "Forced"
            await self._unless_promoted(job, promote(there, settings, mode=mode, option=option))
            now = await self._until(
                job, lambda now: now.role == "primary" and now.status == READY, "a primary that is Ready"
            )
            done.append(f"{mode}, {option.lower()}, from {(seen.source or '').rpartition('/')[2]}")
        if now.fence_of is not None:
            await lift_fence(there, settings, now)
            done.append("its fence was lifted")
        return f"{now.name} takes writes: {'; '.join(done) or 'it was promoted before'}."

    async def _unless_promoted(self, job: Job[PromoteSettings], doing: Awaitable[None]) -> None:
        """What is wrong with both servers is well where another run of this step was quicker. Raises StepError."""
        try:
            await doing
        except StepError as error:
            if not error.final or (await self._observe(job)).role == "standby":
                raise

    async def _everything(self, job: Job[PromoteSettings], seen: Server) -> None:
        """In a planned move replication must be well, and the old primary must be fenced. Raises StepError."""
        upstream = job.settings.upstream
        if upstream is None:
            return
        gap = await read_gap(job)  # type: ignore[arg-type]
        if gap.why_apart is not None:
            raise StepError(ErrorType.WRONG_STATE, gap.why_apart, gap.evidence())
        if not gap.primary.fenced:
            sentence = f"{gap.primary.name} is not fenced: its clients would lose what they write. Fence it first."
            raise StepError(ErrorType.WRONG_STATE, sentence, gap.evidence())
        if not seen.streaming:
            sentence = f"The replication of {seen.name} is {seen.replication}: Azure would not bring it to an end."
            raise StepError(ErrorType.NOT_YET, sentence, gap.evidence())
        await locks.refuse_locked(azure(job, upstream), upstream.server_id)
        await self._reachable(job, seen)

    async def _reachable(self, job: Job[PromoteSettings], seen: Server) -> None:
        """Its primary's virtual endpoints lead to it, as a switchover wants. Raises StepError when they do not."""
        if job.settings.standalone or seen.source is None:
            return
        group, server = seen.source.split("/")[4], seen.source.rpartition("/")[2]
        primary = AzurePostgresSettings.model_validate(
            {**job.settings.model_dump(include=set(AzurePostgresSettings.model_fields)), "resource_group": group}
            | {"server": server}
        )
        try:
            readers = await read_readers(azure(job), primary)
        except StepError as error:
            if error.final:
                raise
            return  # its region is silent: Azure itself will say
        if seen.name not in readers:
            sentence = (
                f"No virtual endpoint of {server} leads to {seen.name}: Azure would not swap them. Make one with it as "
                "the reader, or set standalone."
            )
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())

    async def _until(self, job: Job[PromoteSettings], enough: Callable[[Server], bool], wanted: str) -> Server:
        return await until(job, lambda: self._observe(job), enough, every=self.every, wanted=wanted)
