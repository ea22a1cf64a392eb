"""`promote.rds`: make a read replica an instance of its own that takes writes and keeps backups.

A planned move of Oracle is a switchover, in which RDS makes a replica of the old primary itself.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PromoteReadReplica.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_SwitchoverReadReplica.html
"""

from collections.abc import Callable
from typing import ClassVar

from activities.acting import Act
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.guarded import RACES, forget_fence, note_epoch
from activities.clients.rds import Instance, modify, read_instance, regroup
from activities.clients.rds_pair import PromoteSettings, read_gap
from activities.contract import Job
from activities.errors import StepError
from activities.fence.rds import FenceRds
from activities.settling import until
from activities.stale import refuse_stale
from runbooks.steps import ErrorType

_SWITCHES = "oracle-"


class PromoteRds(OnAws, Act[PromoteSettings, Instance]):
    """With an `upstream` (nothing may be lost) that one must be fenced, and the replica must have all that it had."""

    uses = "promote.rds"
    permissions = (
        "rds:DescribeDBInstances",
        "cloudwatch:GetMetricStatistics",
        "rds:AddTagsToResource",
        "rds:RemoveTagsFromResource",
        "rds:PromoteReadReplica",
        "rds:SwitchoverReadReplica",
        "rds:ModifyDBInstance",
    )
    unscoped = frozenset({"cloudwatch:GetMetricStatistics"})
    Settings = PromoteSettings
    every: ClassVar[float] = 1.0

    @classmethod
    def arns(cls, settings: PromoteSettings) -> tuple[str, ...]:
        """The replica, and the primary of a planned move."""
        return (*FenceRds.arns(settings), *(FenceRds.arns(settings.upstream) if settings.upstream else ()))

    async def _observe(self, job: Job[PromoteSettings]) -> Instance:
        seen = await read_instance(aws(job), job.settings)
        refuse_stale(job, seen.epoch, f"{seen.name} in {job.call.region}")
        if not seen.passing:
            sentence = f"{seen.name} in {job.call.region} is {seen.status}: it cannot be promoted; look at it."
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        return seen

    def _settled(self, job: Job[PromoteSettings], seen: Instance) -> str | None:
        if seen.role == "standby" or seen.status != "available" or seen.epoch != job.call.epoch:
            return None
        if not seen.retention or seen.fence_of:
            return None
        return f"{seen.name} is a primary already."

    async def _act(self, job: Job[PromoteSettings], seen: Instance) -> str:
        there, done = aws(job), []
        now = await self._until(job, lambda now: now.status == "available", "available")
        if now.role == "standby":
            await self._everything(job, now)
            await note_epoch(job, there, now)
            done.append(await self._promote(job, now))
            now = await self._until(
                job, lambda now: now.role == "primary" and now.status == "available", "a primary that is available"
            )
        await note_epoch(job, there, now)
        done += await self._freed(job, now)
        return f"{now.name} takes writes: {'; '.join(done) or f'it was promoted before ({seen.status})'}."

    async def _promote(self, job: Job[PromoteSettings], seen: Instance) -> str:
        there, settings = aws(job), job.settings
        if settings.upstream is not None and seen.engine.startswith(_SWITCHES):
            await there.change("rds", "switchover_read_replica", meanings=RACES, DBInstanceIdentifier=seen.name)
            return f"it was switched over with {settings.upstream.instance}"
        kept = settings.backup_retention
        await there.change(
            "rds", "promote_read_replica", meanings=RACES, DBInstanceIdentifier=seen.name, BackupRetentionPeriod=kept
        )
        return f"its replication from {seen.source} was ended"

    async def _everything(self, job: Job[PromoteSettings], seen: Instance) -> None:
        """In a planned move nothing may be missing, and the old primary must be fenced. Raises StepError."""
        if job.settings.upstream is None or seen.engine.startswith(_SWITCHES):
            return  # a switchover of Oracle stops the writes, and hands over the rest, by itself
        gap = await read_gap(job)  # type: ignore[arg-type]
        if gap.why_apart is not None:
            raise StepError(ErrorType.WRONG_STATE, gap.why_apart, gap.evidence())
        if not gap.fenced:
            sentence = f"{gap.primary.name} is not fenced: promoted now, there would be two writers. Fence it first."
            raise StepError(ErrorType.WRONG_STATE, sentence, gap.evidence())
        if not gap.has_everything:
            sentence = f"{seen.name} is {gap.lag.said}: it must have everything from before the fence."
            raise StepError(ErrorType.NOT_YET, sentence, gap.evidence())

    async def _freed(self, job: Job[PromoteSettings], seen: Instance) -> list[str]:
        """Without what would keep it from serving as a primary: its fence, and no backups. Raises StepError."""
        there, done = aws(job), []
        if seen.fence_of:
            await regroup(there, seen.name, seen.fence_of)
            await self._until(job, lambda now: set(now.groups) == set(seen.fence_of) and now.applied, "open")
            await forget_fence(there, seen)
            done.append("its fence was lifted")
        if not seen.retention:
            days = job.settings.backup_retention
            await modify(there, seen.name, BackupRetentionPeriod=days)
            await self._until(job, lambda now: bool(now.retention), "backed up")
            done.append(f"its backups are kept for {days} days")
        return done

    async def _until(self, job: Job[PromoteSettings], enough: Callable[[Instance], bool], wanted: str) -> Instance:
        async def look() -> Instance:
            return await read_instance(aws(job), job.settings)

        return await until(job, look, enough, every=self.every, wanted=wanted)
