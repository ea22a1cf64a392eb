"""Azure Monitor's autoscale settings and metrics: https://learn.microsoft.com/rest/api/monitor/."""

from datetime import UTC, datetime

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve

_ASKED = frozenset({"timespan", "interval", "metricnames", "aggregation", "api-version"})


class Insights(Provider):
    """Settings are listed, and nothing is scaled by them.

    `counted`: by resource and metric, each hour's maximum. What `tell_metric` has told is by the minute, in which one
    value is the least, the most and the average; a minute without one has none.
    """

    namespace = "Microsoft.Insights"
    versions = frozenset({"2022-10-01", "2024-02-01"})

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing has been counted."""
        self.counted: dict[tuple[str, str], list[float | None]] = {}

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Autoscale settings of a group; metrics of a resource."""
        return {("GET", "autoscalesettings"): self._list, ("GET", "metrics"): self._metrics}

    @staticmethod
    def _list(arm: Arm, asked: Asked) -> Answer:
        arm.must_group(asked.scope)
        under = f"{asked.scope}/providers/Microsoft.Insights/autoscalesettings/".lower()
        found = [one for path, one in arm.resources.items() if path.rpartition("/")[0] + "/" == under]
        return Answer(200, {"value": found})

    def _metrics(self, arm: Arm, asked: Asked) -> Answer:
        if asked.query.get("interval") == "PT1M":
            return _by_minute(arm, asked)
        if set(asked.query) != _ASKED or asked.query["aggregation"] != "Maximum" or asked.query["interval"] != "PT1H":
            raise Refusal(501, "NotInTheFake", f"metrics by {sorted(asked.query)}")
        arm.must(asked, asked.scope)
        began, _, until = asked.query["timespan"].partition("/")
        if not (began.endswith("Z") and until.endswith("Z") and began < until):
            raise Refusal(400, "BadRequest", "Invalid timespan.")
        name = asked.query["metricnames"]
        points: list[Body] = [
            {"timeStamp": began} if value is None else {"timeStamp": began, "maximum": value}
            for value in self.counted.get((asked.scope, name), [])
        ]
        series = [{"metadatavalues": [], "data": points}] if points else []
        return Answer(200, {"value": [{"name": {"value": name}, "unit": "Count", "timeseries": series}]})


def tell_metric(arm: Arm, resource: str, name: str, value: float, at: float) -> None:
    """A value of a resource's metric is heard of in the minute that begins at that time."""
    with arm.lock:
        key = f"{resource}/providers/Microsoft.Insights/metrics/{name}".lower()
        arm.resources.setdefault(key, {"id": key, "properties": {}, "told": {}})["told"][at] = value


def _by_minute(arm: Arm, asked: Asked) -> Answer:
    arm.must(asked, asked.scope)
    name, aggregation = asked.query["metricnames"], asked.query.get("aggregation", "")
    if set(asked.query) != _ASKED or aggregation not in {"Minimum", "Maximum", "Average"}:
        raise Refusal(501, "NotInTheFake", f"metrics by {asked.query}")
    first, last = (datetime.fromisoformat(one).timestamp() for one in asked.query["timespan"].split("/"))
    told = arm.resources.get(f"{asked.path}/{name}".lower(), {}).get("told", {})
    heard: list[Body] = [
        {"timeStamp": _moment(at), aggregation.lower(): value}
        for at, value in sorted(told.items())
        if first <= at <= last
    ]
    data = [*heard, {"timeStamp": _moment(last)}]
    series = [{"metadatavalues": [], "data": data}] if told else []
    return Answer(200, {"value": [{"name": {"value": name}, "unit": "Unspecified", "timeseries": series}]})


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
