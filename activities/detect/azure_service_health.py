"""`detect.azure_service_health`: does Azure itself know of an active issue in the region?

https://learn.microsoft.com/rest/api/resourcehealth/events/list-by-subscription-id
"""

from collections.abc import Mapping
from typing import Any

from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.azure.checks import ServiceHealthSettings

_SHOWN = 5
_ACTIVE = "eventType eq 'ServiceIssue' and status eq 'Active'"


class DetectAzureServiceHealth(OnAzure, Detector[ServiceHealthSettings]):
    """Unhealthy while an active service issue names the region; Azure's own silence tells nothing of the region."""

    uses = "detect.azure_service_health"
    permissions = ("Microsoft.ResourceHealth/events/read",)
    Settings = ServiceHealthSettings
    silence = "unknown"

    @classmethod
    def scopes(cls, settings: ServiceHealthSettings) -> tuple[str, ...]:
        """None: events are no resource's."""
        del settings
        return ()

    @classmethod
    def wider(cls, settings: ServiceHealthSettings) -> Mapping[str, tuple[str, ...]]:
        """The subscription's."""
        return {f"/subscriptions/{settings.subscription}": cls.permissions}

    async def _look(self, job: Job[ServiceHealthSettings]) -> Sight:
        settings = job.settings
        events = await azure(job).pages("resourcehealth", "events.list_by_subscription_id", filter=_ACTIVE)
        told = {str(one["name"]): words for one in events if (words := _words(settings, one["properties"]))}
        of = ", ".join(settings.services) or "any service"
        if not told:
            return Sight(good=True, reason=f"Azure knows of no active issue of {of} in {settings.azure_region}.")
        shown = "; ".join(list(told.values())[:_SHOWN])
        reason = f"Azure has {len(told)} active issues in {settings.azure_region}: {shown}."
        return Sight(good=False, reason=reason, values={"events": list(told)})


def _words(settings: ServiceHealthSettings, event: dict[str, Any]) -> str | None:
    """What it says of the region and the services that are asked of; None when nothing."""
    if (event.get("eventType"), event.get("status")) != ("ServiceIssue", "Active"):
        return None
    wanted = {one.casefold() for one in settings.services}
    struck = [
        str(impact["impactedService"])
        for impact in event.get("impact") or ()
        if not wanted or str(impact["impactedService"]).casefold() in wanted
        for place in impact.get("impactedRegions") or ()
        if _is_here(settings.azure_region, place)
    ]
    if not struck:
        return None
    since = str(event.get("impactStartTime") or "an unknown time")[:16].replace("T", " ")
    return f"{', '.join(dict.fromkeys(struck))} since {since}Z ({str(event.get('title') or 'untitled').strip('.')})"


def _is_here(region: str, place: dict[str, Any]) -> bool:
    """Events name regions as people do: `West Europe`; one that names `Global` is everywhere."""
    named = "".join(str(place.get("impactedRegion") or "").split()).casefold()
    return named in {region, "global"} and place.get("status") in {None, "Active"}
