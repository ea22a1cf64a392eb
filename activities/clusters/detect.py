"""How a member of a global cluster stands, and how far a secondary one is behind."""

from typing import ClassVar

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.global_cluster import Family, Member, member_lag, read_member
from activities.clusters.fence import LOOKS, cluster_arns
from activities.contract import Job
from activities.errors import StepError
from activities.lagging import Lag
from activities.observing import Detector, Sight
from runbooks.aws.global_clusters import GlobalClusterSettings
from runbooks.facts import DataValues, StandbyValues
from runbooks.steps import ErrorType

METERS = ("cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics")


class DetectCluster(OnAws, Detector[GlobalClusterSettings]):
    """A cluster that AWS shows as working, and that has an instance, is healthy; a fenced one too."""

    family: ClassVar[Family]
    permissions = (*LOOKS, *METERS)
    unscoped = frozenset(METERS)
    Settings = GlobalClusterSettings

    @classmethod
    def arns(cls, settings: GlobalClusterSettings) -> tuple[str, ...]:
        """The cluster and what belongs to it."""
        return cluster_arns(settings)

    async def _look(self, job: Job[GlobalClusterSettings]) -> Sight:
        seen = await read_member(aws(job), job.settings, self.family)
        standby = seen.role == "standby"
        lag = await self._lag(job, seen) if standby else Lag()
        values = DataValues(
            role=seen.role,
            streaming=standby and seen.synchronized,
            lag_seconds=lag.seconds,
            last_commit_at=lag.complete_until,
            read_only=standby or seen.fenced(job.settings.fenced_group),
            epoch=seen.epoch,
            standbys={_known(arn): _STREAMS for arn in seen.readers} if not standby else {},
        )
        good = seen.serves and bool(seen.instances)
        return Sight(good=good, reason=_sentence(seen, lag, values), values=values.model_dump(mode="json"))

    async def _lag(self, job: Job[GlobalClusterSettings], seen: Member) -> Lag:
        """Unknown when CloudWatch is silent; that it denies is said."""
        try:
            return await member_lag(aws(job), seen.name, self.family)
        except StepError as error:
            if error.kind is ErrorType.DENIED:
                raise
            return Lag()


_STREAMS = StandbyValues(state="streaming", sync_state="async")
"""AWS counts it among the global cluster's: its own region says how far it is behind."""


def _known(arn: str) -> str:
    """`region:name`."""
    parts = arn.split(":")
    return f"{parts[3]}:{parts[-1]}"


def _sentence(seen: Member, lag: Lag, values: DataValues) -> str:
    if not seen.serves:
        return f"{seen.name} is {seen.status}."
    if not seen.instances:
        return f"{seen.name} has no instance: it can take nothing over. Add one."
    if seen.role == "standby":
        how = "" if seen.synchronized else ", which is being synchronized anew"
        return f"{seen.name} is a secondary cluster{how}, {lag.said}."
    alone = "" if seen.member else ", apart from the global cluster"
    fenced = ", fenced" if values.read_only else ""
    return f"{seen.name} is the primary of {len(seen.readers)} secondary clusters{alone}{fenced}."
