"""`detect.azure_monitor`: is a metric of Azure Monitor within its bounds?"""

import time

from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.clients.azure_metrics import READS, read_metric
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Detector, Sight
from runbooks.azure.checks import MonitorSettings
from runbooks.steps import ErrorType

_MINUTE = 60.0


class DetectAzureMonitor(OnAzure, Detector[MonitorSettings]):
    """Unhealthy when the newest minute is out of bounds; unknown when there is none that is new enough."""

    uses = "detect.azure_monitor"
    permissions = (READS,)
    Settings = MonitorSettings
    silence = "unknown"

    @classmethod
    def scopes(cls, settings: MonitorSettings) -> tuple[str, ...]:
        """The resource."""
        return (settings.target_id,)

    async def _look(self, job: Job[MonitorSettings]) -> Sight:
        settings = job.settings
        found = await read_metric(azure(job), settings.target_id, settings.metric, settings.aggregation)
        ages = [(max(0.0, time.time() - began - _MINUTE), value) for began, value in found]
        young = [(age, value) for age, value in ages if age <= settings.max_age]
        told = f"{settings.metric} ({settings.aggregation.lower()}) of {settings.target.rpartition('/')[2]}"
        if not young:
            raise StepError(
                ErrorType.NOT_FOUND,
                f"Azure Monitor has nothing of {told} that is younger than {settings.max_age:g} s: it tells nothing. "
                "Look whether the metric is sent, and named rightly.",
            )
        age, value = min(young)
        bounds = settings.out_of_bounds(value)
        reason = f"{told} is {value:g}, {age:.0f} s ago" + (f", which is {bounds}." if bounds else ", as it may be.")
        return Sight(good=bounds is None, reason=reason, values={"value": value, "age": round(age, 1)})
