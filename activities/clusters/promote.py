"""Make a secondary cluster the primary of its global one, or (unmanaged) a cluster of its own.

Planned, it is a switchover: AWS stops the writes, waits until nothing is missing, and the clusters change places.
Unplanned, it is a failover that accepts loss: AWS fences the former primary when it comes back, and makes a
secondary of it.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_SwitchoverGlobalCluster.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_FailoverGlobalCluster.html
"""

from collections.abc import Callable
from typing import ClassVar

from activities.acting import Act
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.global_cluster import (
    Family,
    Member,
    fail_over,
    read_member,
    regroup_cluster,
    switch_over,
    take_out,
)
from activities.clients.guarded import forget_fence, note_epoch
from activities.clusters.detect import METERS
from activities.clusters.fence import LOOKS, cluster_arns
from activities.clusters.pair import PromoteSettings, read_gap
from activities.contract import Job
from activities.errors import StepError
from activities.settling import until
from activities.stale import refuse_stale
from runbooks.steps import ErrorType


class PromoteCluster(OnAws, Act[PromoteSettings, Member]):
    """With an `upstream` (nothing may be lost) it is a switchover, else a failover that accepts loss."""

    family: ClassVar[Family]
    permissions = (
        *LOOKS,
        *METERS,
        "rds:AddTagsToResource",
        "rds:RemoveTagsFromResource",
        "rds:SwitchoverGlobalCluster",
        "rds:FailoverGlobalCluster",
        "rds:RemoveFromGlobalCluster",
        "rds:ModifyDBCluster",
    )
    unscoped = frozenset(METERS)
    Settings = PromoteSettings
    every: ClassVar[float] = 1.0

    @classmethod
    def arns(cls, settings: PromoteSettings) -> tuple[str, ...]:
        """The cluster, and the primary of a planned move."""
        other = cluster_arns(settings.upstream) if settings.upstream else ()
        return tuple(dict.fromkeys((*cluster_arns(settings), *other)))

    async def _observe(self, job: Job[PromoteSettings]) -> Member:
        seen = await read_member(aws(job), job.settings, self.family)
        refuse_stale(job, seen.epoch, f"{seen.name} in {job.call.region}")
        if not seen.passing:
            sentence = f"{seen.name} in {job.call.region} is {seen.status}: it cannot be promoted; look at it."
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        return seen

    def _settled(self, job: Job[PromoteSettings], seen: Member) -> str | None:
        if seen.role == "standby" or not seen.settled or seen.epoch != job.call.epoch or seen.fence_of:
            return None
        return f"{seen.name} is a primary already."

    async def _act(self, job: Job[PromoteSettings], seen: Member) -> str:
        there = aws(job)
        done: list[str] = []
        # An earlier attempt may have begun it.
        now = seen if seen.settled else await self._until(job, lambda now: now.settled, "settled")
        if now.role == "standby":
            await self._everything(job, now)
            await note_epoch(job, there, now, self.family.service)
            done.append(await self._promote(job, now))
            now = await self._until(job, lambda now: now.role == "primary" and now.settled, "a primary that is settled")
        await note_epoch(job, there, now, self.family.service)
        if now.fence_of:
            groups = now.fence_of
            await regroup_cluster(there, self.family, now.name, groups)
            now = await self._until(job, lambda now: now.applied and set(now.groups) == set(groups), "open")
            await forget_fence(there, now, self.family.service)
            done.append("its fence was lifted")
        return f"{now.name} takes writes: {'; '.join(done) or 'it was promoted before'}."

    async def _promote(self, job: Job[PromoteSettings], seen: Member) -> str:
        there, settings = aws(job), job.settings
        if settings.unmanaged:
            await take_out(there, self.family, settings, seen.arn)
            return f"it was taken out of {settings.global_cluster}"
        if settings.upstream is not None:
            await switch_over(there, self.family, settings, seen.arn)
            return f"{settings.global_cluster} was switched over from {seen.primary}"
        await fail_over(there, self.family, settings, seen.arn)
        return f"{settings.global_cluster} failed over from {seen.primary}, whatever that has besides"

    async def _everything(self, job: Job[PromoteSettings], seen: Member) -> None:
        """In a planned move nothing may be missing, and the old primary must be fenced. Raises StepError."""
        upstream = job.settings.upstream
        if upstream is None:
            return
        gap = await read_gap(job, upstream, self.family)
        why_not = gap.why_apart
        if why_not is None and not gap.fenced:
            why_not = (
                f"{gap.primary.name} is not fenced: promoted now, its clients would lose what they write. Fence it."
            )
        if why_not is not None:
            raise StepError(ErrorType.WRONG_STATE, why_not, gap.evidence())
        behind = not gap.has_everything if job.settings.unmanaged else not seen.synchronized
        if behind:
            sentence = f"{seen.name} is {gap.lag.said}: it must have everything from before the fence."
            raise StepError(ErrorType.NOT_YET, sentence, gap.evidence())

    async def _until(self, job: Job[PromoteSettings], enough: Callable[[Member], bool], wanted: str) -> Member:
        async def look() -> Member:
            return await read_member(aws(job), job.settings, self.family)

        return await until(job, look, enough, every=self.every, wanted=wanted)
