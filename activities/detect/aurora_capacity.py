"""`detect.aurora_capacity`: how much capacity a cluster of Aurora Serverless v2 keeps up."""

from pydantic import JsonValue

from activities.aws import OnAws
from activities.clients.aurora_capacity import read_capacity
from activities.clients.aws import aws
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.aurora_capacity import ScaleAuroraCapacity
from runbooks.aws.scaling import AuroraCapacitySettings


class DetectAuroraCapacity(OnAws, Detector[AuroraCapacitySettings]):
    """A cluster that RDS shows is there to be scaled; its values say what it keeps up."""

    uses = "detect.aurora_capacity"
    permissions = ("rds:DescribeDBClusters", "rds:DescribeDBInstances")
    unscoped = frozenset({"rds:DescribeDBInstances"})
    Settings = AuroraCapacitySettings
    arns = ScaleAuroraCapacity.arns

    async def _look(self, job: Job[AuroraCapacitySettings]) -> Sight:
        seen = await read_capacity(aws(job), job.settings)
        values: dict[str, JsonValue] = {"desired": seen.desired, "ready": seen.ready, "status": seen.status}
        reason = f"It keeps {seen.least:g} ACU in each of {seen.instances} instances, and grows to {seen.most:g}."
        return Sight(good=True, reason=reason, values=values)
