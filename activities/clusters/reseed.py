"""Make the former primary a secondary cluster again: AWS does that itself after a managed move, and it is waited for.

After a failover AWS takes a snapshot of the former primary's volume (`rds:unplanned-global-failover-...`) before it
synchronizes it anew, so what only it had can be looked at there. What Evac's fence has taken is given back.
"""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import JsonValue

from activities.acting import Act
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.global_cluster import Family, Member, read_member, regroup_cluster
from activities.clients.guarded import forget_fence, note_epoch
from activities.clusters.fence import LOOKS, cluster_arns
from activities.clusters.pair import FollowerSettings
from activities.contract import Job
from activities.errors import StepError
from activities.settling import until
from activities.stale import refuse_stale
from runbooks.steps import ErrorType


@dataclass(frozen=True)
class Rejoining:
    """The cluster that is to follow, and its upstream."""

    own: Member
    upstream: Member

    @property
    def follows(self) -> bool:
        """It is a secondary cluster, in step with its upstream."""
        own = self.own
        return own.role == "standby" and own.primary == self.upstream.arn and own.synchronized and own.settled

    def evidence(self) -> dict[str, JsonValue]:
        """Both."""
        return {"cluster": self.own.evidence(), "upstream": self.upstream.evidence()}


class ReseedCluster(OnAws, Act[FollowerSettings, Rejoining]):
    """Waits until AWS has made it a secondary cluster, and gives back the security groups that a fence has taken."""

    family: ClassVar[Family]
    permissions = (*LOOKS, "rds:AddTagsToResource", "rds:RemoveTagsFromResource", "rds:ModifyDBCluster")
    Settings = FollowerSettings
    every: ClassVar[float] = 2.0

    @classmethod
    def arns(cls, settings: FollowerSettings) -> tuple[str, ...]:
        """Both clusters."""
        return tuple(dict.fromkeys((*cluster_arns(settings), *cluster_arns(settings.upstream))))

    async def _observe(self, job: Job[FollowerSettings]) -> Rejoining:
        settings = job.settings
        upstream = await read_member(aws(job, settings.upstream), settings.upstream, self.family)
        refuse_stale(job, upstream.epoch, f"{upstream.name} ({settings.upstream.aws_region})")
        own = await read_member(aws(job), settings, self.family)
        refuse_stale(job, own.epoch, f"{own.name} in {job.call.region}")
        seen = Rejoining(own, upstream)
        if why_not := _why_not(job, seen):
            raise StepError(ErrorType.WRONG_STATE, why_not, seen.evidence())
        return seen

    def _settled(self, job: Job[FollowerSettings], seen: Rejoining) -> str | None:
        if not seen.follows or seen.own.fence_of or seen.own.epoch != job.call.epoch:
            return None
        return f"{seen.own.name} is a secondary cluster of {seen.upstream.arn} already."

    async def _act(self, job: Job[FollowerSettings], seen: Rejoining) -> str:
        there, service = aws(job), self.family.service
        await note_epoch(job, there, seen.own, service)

        async def look() -> Member:
            return (await self._observe(job)).own

        def follows(now: Member) -> bool:
            return Rejoining(now, seen.upstream).follows

        now = await until(job, look, follows, every=self.every, wanted="a secondary cluster that is in step")
        done = f"{now.name} is a secondary cluster of {seen.upstream.arn}"
        if not now.fence_of:
            return f"{done}."
        groups = now.fence_of
        if set(now.groups) != set(groups):
            await regroup_cluster(there, self.family, now.name, groups)
            now = await until(
                job, look, lambda now: now.applied and set(now.groups) == set(groups), every=self.every, wanted="open"
            )
        await forget_fence(there, now, service)
        return f"{done}; its fence was lifted."


def _why_not(job: Job[FollowerSettings], seen: Rejoining) -> str | None:
    """The sentence why it can never follow as things are, or None."""
    own, upstream, whole = seen.own, seen.upstream, job.settings.global_cluster
    if upstream.role == "standby":
        return f"{upstream.arn} is no primary: nothing can follow it. Look where the writer is."
    if not upstream.member:
        return f"{upstream.name} was taken out of {whole}: make a global cluster of it, and add {own.name}'s successor."
    if not own.member:
        return (
            f"{own.name} is no member of {whole}: keep a snapshot, rename it, and add a secondary cluster {own.name}."
        )
    if not own.passing:
        return f"{own.name} in {job.call.region} is {own.status}: look at it."
    return None
