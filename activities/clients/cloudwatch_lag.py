"""How far a replica is behind, by a metric of CloudWatch.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
"""

import time
from dataclasses import dataclass

from activities.clients.aws import Aws
from activities.lagging import Lag, lag_of

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
    points = ((point["Timestamp"].timestamp(), point["Maximum"] * metric.scale) for point in answer["Datapoints"])
    return lag_of(points, now, young=_YOUNG, teller="CloudWatch")
