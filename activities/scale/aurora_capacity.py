"""`scale.aurora_capacity`: have an Aurora Serverless v2 cluster keep its working capacity before the traffic comes."""

from typing import Any

from pydantic import JsonValue

from activities.aws import OnAws, account_of
from activities.clients.aurora_capacity import AVAILABLE, CapacityView, capacity_used, keep_capacity, read_capacity
from activities.clients.aws import aws
from activities.contract import Job
from activities.scaling import Size
from activities.scaling_turns import Turns
from runbooks.aws.scaling import AuroraCapacitySettings


class AuroraCapacitySize(AuroraCapacitySettings, Size):
    """The cluster, and how many capacity units each of its instances must keep."""


class ScaleAuroraCapacity(OnAws, Turns[AuroraCapacitySize, CapacityView]):
    """Raises the least capacity of a cluster of Aurora Serverless v2, and its largest one only when it must."""

    uses = "scale.aurora_capacity"
    permissions = (
        "cloudwatch:GetMetricStatistics",
        "rds:AddTagsToResource",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:ModifyDBCluster",
    )
    unscoped = frozenset({"cloudwatch:GetMetricStatistics", "rds:DescribeDBInstances"})
    tested_against = "moto + fake (ModifyDBCluster)"
    Settings = AuroraCapacitySize
    unit = "ACU"

    @classmethod
    def arns(cls, settings: AuroraCapacitySettings) -> tuple[str, ...]:
        """The cluster alone."""
        where = f"arn:aws:rds:{settings.aws_region}:{account_of(settings)}"
        return (f"{where}:cluster:{settings.cluster.lower()}",)

    @classmethod
    def needs(cls, settings: AuroraCapacitySettings) -> tuple[str, ...]:
        """Only who measures by a day's maximum asks CloudWatch."""
        counts = settings.match is not None and settings.match.of == "24h-maximum"
        return tuple(action for action in cls.permissions if counts or not action.startswith("cloudwatch:"))

    async def _see(self, job: Job[AuroraCapacitySize]) -> CapacityView:
        return await read_capacity(aws(job), job.settings)

    def _busy(self, seen: CapacityView) -> str | None:
        return None if seen.status == AVAILABLE else seen.status

    async def _order_now(self, job: Job[AuroraCapacitySize], seen: CapacityView, wanted: int) -> None:
        was = self._was(job.call.before)  # an undo brings back both bounds, and half units
        bounds = (float(wanted), max(seen.most, float(wanted))) if was is None else (was.least, was.most)
        await keep_capacity(aws(job), job.settings, seen, bounds, job.call.epoch)

    async def _elsewhere(self, job: Job[Any], upstream: dict[str, JsonValue], *, longest: bool) -> int | None:
        there = AuroraCapacitySettings.model_validate(upstream)
        return await capacity_used(aws(job, there), there, longest=longest)

    def _was(self, before: dict[str, JsonValue]) -> CapacityView | None:
        return CapacityView.from_evidence(before)
