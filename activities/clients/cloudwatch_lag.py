"""How far a replica is behind, by a metric of CloudWatch: what it says, and what follows from it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
"""

import time
from dataclasses import dataclass

from activities.acting import View
from activities.clients.aws import Aws

_PERIOD = 60
_YOUNG = 180.0
"""Seconds: a metric of one minute comes up to two minutes late. An older value says nothing of now."""
_LOOK_BACK = 3600.0


@dataclass(frozen=True)
class Metric:
    """Where a lag is found: `scale` makes seconds of its unit."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    scale: float = 1.0


class Lag(View):
    """What the metric says."""

    seconds: float | None = None
    """Of the newest value, if it is young enough; below nothing (replication is broken) is None too."""
    complete_until: float | None = None
    """The replica has every commit of its primary up to this moment: the best that follows from any value."""
    measured_at: float | None = None
    """Where the newest value's minute began."""

    def covers(self, moment: float | None) -> bool:
        """CloudWatch has told of this moment or a later one up to which nothing is missing; not of an unknown one."""
        return moment is not None and self.complete_until is not None and self.complete_until >= moment

    @property
    def said(self) -> str:
        """In words."""
        if self.seconds is not None:
            return f"{self.seconds:.1f} s behind"
        if self.measured_at is None:
            return "behind by an amount that CloudWatch has not told for an hour"
        return f"behind by an unknown amount (CloudWatch's last value is {time.time() - self.measured_at:.0f} s old)"


async def read_lag(there: Aws, metric: Metric) -> Lag:
    """The lag of the last hour. Raises StepError."""
    now = time.time()
    answer = await there.read(
        "cloudwatch",
        "get_metric_statistics",
        Namespace=metric.namespace,
        MetricName=metric.name,
        Dimensions=[{"Name": name, "Value": value} for name, value in metric.dimensions],
        StartTime=now - _LOOK_BACK,
        EndTime=now + _PERIOD,
        Period=_PERIOD,
        Statistics=["Maximum"],
    )
    points = sorted((point["Timestamp"].timestamp(), point["Maximum"] * metric.scale) for point in answer["Datapoints"])
    if not points:
        return Lag()
    at, newest = points[-1]
    # A value is the most that was seen in the minute which begins at its time.
    complete = max((moment - behind for moment, behind in points if behind >= 0), default=None)
    young = now - at <= _YOUNG and newest >= 0
    return Lag(seconds=newest if young else None, complete_until=complete, measured_at=at)
