"""`detect.azure_resource_health`: does Azure hold these resources for available?

https://learn.microsoft.com/rest/api/resourcehealth/availability-statuses/get-by-resource
"""

import asyncio
import time
from datetime import datetime

from activities.azure import OnAzure
from activities.clients.azure import Answer, azure
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Detector, Sight
from runbooks.azure.checks import ResourceHealthSettings
from runbooks.steps import ErrorType

_GOOD, _BAD = "Available", ("Unavailable", "Degraded")


class DetectAzureResourceHealth(OnAzure, Detector[ResourceHealthSettings]):
    """Unhealthy when one is Unavailable or Degraded; unknown when Azure does not know, or has not looked lately."""

    uses = "detect.azure_resource_health"
    permissions = (
        "Microsoft.ResourceHealth/availabilityStatuses/current/read",
        "Microsoft.ResourceHealth/availabilityStatuses/read",
    )
    Settings = ResourceHealthSettings
    silence = "unknown"

    @classmethod
    def scopes(cls, settings: ResourceHealthSettings) -> tuple[str, ...]:
        """The resources."""
        return settings.ids

    async def _look(self, job: Job[ResourceHealthSettings]) -> Sight:
        settings = job.settings
        ask = azure(job).read
        found = await asyncio.gather(
            *(ask("resourcehealth", "availability_statuses.get_by_resource", one.strip("/")) for one in settings.ids)
        )
        said = {target: one["properties"] for target, one in zip(settings.targets, found, strict=True)}
        ages = {target: _age(one) for target, one in said.items()}
        young = {target: one for target, one in said.items() if ages[target] <= settings.max_age}
        bad = [target for target, one in young.items() if one.get("availabilityState") in _BAD]
        values = {target: str(one.get("availabilityState")) for target, one in said.items()}
        if bad:
            told = "; ".join(f"{target} is {values[target]}{_why(said[target])}" for target in bad)
            return Sight(good=False, reason=f"{told}.", values=dict(values))
        unsure = [target for target in said if target not in young or values[target] != _GOOD]
        if unsure:
            told = "; ".join(f"{target} is {values[target]}, {_words(ages[target])}" for target in unsure)
            sentence = f"Azure's word on it tells nothing of now ({told}): look at the resource itself."
            raise StepError(ErrorType.NOT_FOUND, sentence, dict(values))
        oldest = _words(max(ages.values()))
        return Sight(good=True, reason=f"Azure holds all {len(said)} for available, {oldest}.", values=dict(values))


def _age(status: Answer) -> float:
    """Seconds since Azure has looked."""
    told = status.get("reportedTime")
    return time.time() - datetime.fromisoformat(str(told)).timestamp() if told else float("inf")


def _words(age: float) -> str:
    return "and when it was looked at is not known" if age == float("inf") else f"looked at {age / 60:.0f} min ago"


def _why(status: Answer) -> str:
    said = str(status.get("summary") or status.get("reasonType") or "").strip().rstrip(".")
    return f" ({said})" if said else ""
