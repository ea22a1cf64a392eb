"""What Azure Monitor has counted of a resource.

https://learn.microsoft.com/rest/api/monitor/metrics/list
"""

import math
import time
from datetime import UTC, datetime, timedelta

from activities.clients.azure import Azure

READS = "Microsoft.Insights/metrics/read"
"""The permission that a look at a metric needs."""
_FORM = "%Y-%m-%dT%H:%M:%SZ"
_LOOK_BACK = 3600.0


async def highest(there: Azure, resource: str, metric: str) -> int | None:
    """The most within 24 hours, rounded up; None when nothing has been counted. Raises StepError."""
    until = datetime.now(UTC).replace(microsecond=0)
    span = "/".join(one.strftime(_FORM) for one in (until - timedelta(hours=24), until))
    found = await there.read(
        "monitor",
        "metrics.list",
        resource,
        timespan=span,
        interval="PT1H",
        metricnames=metric,
        aggregation="Maximum",
    )
    series = (line for one in found.get("value") or () for line in one.get("timeseries") or ())
    counted = [point["maximum"] for line in series for point in line.get("data") or () if "maximum" in point]
    return math.ceil(max(counted)) if counted else None


async def read_metric(
    there: Azure, resource: str, name: str, aggregation: str, *, back: float = _LOOK_BACK
) -> list[tuple[float, float]]:
    """The values of the last `back` seconds: where each minute began, and what was seen in it. Raises StepError.

    A minute in which nothing was heard is left out.
    """
    now = time.time()
    answer = await there.read(
        "monitor",
        "metrics.list",
        resource.strip("/"),
        timespan=f"{_moment(now - back)}/{_moment(now + 60)}",
        interval="PT1M",
        metricnames=name,
        aggregation=aggregation,
    )
    key = aggregation.lower()
    return [
        (datetime.fromisoformat(point["timeStamp"]).timestamp(), float(point[key]))
        for metric in answer["value"]
        for series in metric["timeseries"]
        for point in series["data"]
        if point.get(key) is not None
    ]


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(_FORM)
