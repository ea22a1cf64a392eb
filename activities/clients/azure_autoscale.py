"""What Azure Monitor's autoscale would do to a group that is sized by hand, and how large it has seen it.

It brings it back within its own bounds. Each time it looks it notes the capacity that it was told (`ObservedCapacity`).
https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-understanding-settings
https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-insights-autoscalesettings-metrics
"""

import asyncio
import math

from activities.clients.azure import Answer, Azure
from activities.clients.azure_metrics import read_metric
from activities.errors import StepError

READS = "Microsoft.Insights/autoscalesettings/read"
"""The permission that it needs, of the whole resource group."""
_WITHIN = 4.0
_DAY = 86400.0


async def scaled_in_again(there: Azure, group: str, resource: str, wanted: int) -> str | None:
    """The sentence that an autoscale setting would make that resource smaller than `wanted`; None: none, or unknown."""
    try:
        async with asyncio.timeout(_WITHIN):
            found = await there.pages("monitor", "autoscale_settings.list_by_resource_group", group)
    except (StepError, TimeoutError):
        return None
    for setting in found:
        properties = setting["properties"]
        if not properties.get("enabled") or not _is_of(setting, resource):
            continue
        for profile in properties["profiles"]:
            most = int(profile["capacity"]["maximum"])
            if most < wanted:
                return (
                    f"The autoscale setting {setting['name']} of Azure Monitor (profile {profile['name']}) allows "
                    f"{most} at most, so it will scale {wanted} in again: raise its maximum."
                )
    return None


async def most_observed(there: Azure, group: str, resource: str) -> int | None:
    """The most that autoscale has seen of that resource within 24 hours; None: nothing scales it. Raises StepError."""
    found = await there.pages("monitor", "autoscale_settings.list_by_resource_group", group)
    ours = (str(one["id"]) for one in found if _is_of(one, resource))
    counted = [
        value for id_ in ours for _, value in await read_metric(there, id_, "ObservedCapacity", "Average", back=_DAY)
    ]
    return math.ceil(max(counted)) if counted else None


def _is_of(setting: Answer, resource: str) -> bool:
    return str(setting["properties"].get("targetResourceUri")).lower() == resource.lower()
