"""`detect.rds`: an instance's role and health, and how far a replica is behind."""

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.rds import Instance, instance_lag, read_instance
from activities.contract import Job
from activities.errors import StepError
from activities.fence.rds import FenceRds
from activities.lagging import Lag
from activities.observing import Detector, Sight
from runbooks.aws.rds import RdsSettings
from runbooks.facts import DataValues, StandbyValues
from runbooks.steps import ErrorType


class DetectRds(OnAws, Detector[RdsSettings]):
    """An instance that AWS shows as working is healthy; a fenced one too. CloudWatch tells the lag of a replica.

    Replication that is broken is no ill health of the replica: it can be promoted, and shows as not streaming.
    """

    uses = "detect.rds"
    permissions = ("rds:DescribeDBInstances", "cloudwatch:GetMetricStatistics")
    unscoped = frozenset({"cloudwatch:GetMetricStatistics"})
    Settings = RdsSettings
    arns = FenceRds.arns

    async def _look(self, job: Job[RdsSettings]) -> Sight:
        there, settings = aws(job), job.settings
        seen = await read_instance(there, settings)
        lag = await _lag(job, seen) if seen.role == "standby" else Lag()
        values = DataValues(
            role=seen.role,
            streaming=seen.replicating,
            lag_seconds=lag.seconds,
            last_commit_at=lag.complete_until,
            read_only=seen.role == "standby" or seen.fenced(settings.fenced_group),
            epoch=seen.epoch,
            standbys={_known(replica, settings): _STREAMS for replica in seen.replicas},
        )
        return Sight(good=seen.serves, reason=_sentence(seen, lag, values), values=values.model_dump(mode="json"))


_STREAMS = StandbyValues(state="streaming", sync_state="async")
"""AWS lists it as a replica: its own region says how far it is behind."""


async def _lag(job: Job[RdsSettings], seen: Instance) -> Lag:
    """Unknown when CloudWatch is silent; that it denies is said."""
    try:
        return await instance_lag(aws(job), seen.name)
    except StepError as error:
        if error.kind is ErrorType.DENIED:
            raise
        return Lag()


def _known(replica: str, settings: RdsSettings) -> str:
    """`region:name`, of an ARN or a name of the same region."""
    parts = replica.split(":")
    return f"{parts[3]}:{parts[-1]}" if len(parts) > 1 else f"{settings.aws_region}:{replica}"


def _sentence(seen: Instance, lag: Lag, values: DataValues) -> str:
    if not seen.serves:
        return f"{seen.name} is {seen.status}."
    if seen.role == "standby":
        how = "replicates" if seen.replicating else "does not replicate"
        return f"{seen.name} is a replica that {how}, {lag.said}."
    fenced = ", fenced" if values.read_only else ""
    return f"{seen.name} is a primary with {len(seen.replicas)} replicas{fenced}."
