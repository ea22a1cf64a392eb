"""What CloudWatch has counted.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from activities.clients.aws import Aws

_DAY = timedelta(days=1)
_PERIOD = 3600


async def highest(there: Aws, namespace: str, metric: str, dimensions: Mapping[str, str]) -> int | None:
    """The most within 24 hours; None when nothing was counted. Raises StepError."""
    now = datetime.now(UTC)
    answer = await there.read(
        "cloudwatch",
        "get_metric_statistics",
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - _DAY,
        EndTime=now,
        Period=_PERIOD,
        Statistics=["Maximum"],
    )
    found = [point["Maximum"] for point in answer["Datapoints"]]
    return round(max(found)) if found else None
