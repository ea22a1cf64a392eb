"""`detect.aurora_readers`: how many readers an Aurora cluster has."""

from pydantic import JsonValue

from activities.aws import OnAws
from activities.clients.aurora_readers import read_readers
from activities.clients.aws import aws
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.aurora_readers import ScaleAuroraReaders
from runbooks.aws.scaling import AuroraReadersSettings


class DetectAuroraReaders(OnAws, Detector[AuroraReadersSettings]):
    """Healthy unless a reader has failed; its values say how many there are."""

    uses = "detect.aurora_readers"
    permissions = ("rds:DescribeDBClusters", "rds:DescribeDBInstances")
    unscoped = frozenset({"rds:DescribeDBInstances"})
    Settings = AuroraReadersSettings
    arns = ScaleAuroraReaders.arns

    async def _look(self, job: Job[AuroraReadersSettings]) -> Sight:
        seen = await read_readers(aws(job), job.settings)
        values: dict[str, JsonValue] = {"desired": seen.desired, "ready": seen.ready}
        reason = f"{seen.ready} of {seen.desired} readers are available."
        if seen.failed:
            return Sight(good=False, reason=f"{reason} {'; '.join(seen.failed)}.", values=values)
        return Sight(good=True, reason=reason, values=values)
