"""What S3 has not copied yet, as CloudWatch tells it for each rule whose metrics are enabled.

AWS keeps them beside one of the two buckets; both regions may be asked.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from activities.acting import View
from activities.clients.aws import Aws

LAGS = ("cloudwatch:ListMetrics", "cloudwatch:GetMetricData")
_OPERATIONS, _BYTES, _LATENCY = "OperationsPendingReplication", "BytesPendingReplication", "ReplicationLatency"
Side = Literal["SourceBucket", "DestinationBucket"]
_LOOKS_BACK = timedelta(minutes=30)
_PERIOD = 60


class Pending(View):
    """Of one rule, in the last minute that CloudWatch knows of."""

    source: str
    destination: str
    operations: float
    bytes: float
    latency: float
    """Seconds."""
    began: float
    """When that minute began."""

    def behind(self, now: float) -> float:
        """What was written that long before `now` has arrived, if what was pending then has: nobody knows more."""
        return max(0.0, now - self.began - _PERIOD) + self.latency


async def read_pending(there: Aws, side: Side, bucket: str) -> list[Pending]:
    """Of all rules whose source, or destination, is the bucket; those without metrics are left out."""
    asked: dict[str, Any] = {"MetricName": _OPERATIONS, "Dimensions": [{"Name": side, "Value": bucket}]}
    known = await there.pages("cloudwatch", "list_metrics", "Metrics", Namespace="AWS/S3", **asked)
    found = []
    for series in (one["Dimensions"] for one in known):
        values = await _newest(there, series)
        names = {one["Name"]: one["Value"] for one in series}
        if _OPERATIONS in values:
            began, operations = values[_OPERATIONS]
            found.append(
                Pending(
                    source=names.get("SourceBucket", ""),
                    destination=names.get("DestinationBucket", ""),
                    operations=operations,
                    bytes=values.get(_BYTES, (began, 0.0))[1],
                    latency=values.get(_LATENCY, (began, 0.0))[1],
                    began=began,
                )
            )
    return found


async def _newest(there: Aws, dimensions: list[dict[str, str]]) -> dict[str, tuple[float, float]]:
    """The newest value of each metric, with when its minute began."""
    now = datetime.now(UTC)
    names = {"m0": _OPERATIONS, "m1": _BYTES, "m2": _LATENCY}
    queries = [
        {
            "Id": key,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/S3", "MetricName": name, "Dimensions": dimensions},
                "Period": _PERIOD,
                "Stat": "Maximum",
            },
        }
        for key, name in names.items()
    ]
    span: dict[str, Any] = {"StartTime": now - _LOOKS_BACK, "EndTime": now, "ScanBy": "TimestampDescending"}
    found = await there.pages("cloudwatch", "get_metric_data", "MetricDataResults", MetricDataQueries=queries, **span)
    newest: dict[str, tuple[float, float]] = {}
    for result in found:
        points = zip((at.timestamp() for at in result["Timestamps"]), result["Values"], strict=False)
        latest = max(points, default=None)
        if latest is not None:
            newest[names[result["Id"]]] = max(latest, newest.get(names[result["Id"]], latest))
    return newest
