"""What may be lost with a region although it is in none: the changes of Azure's global services.

Azure DNS, Traffic Manager and Front Door are in no region, but their resource group is: Azure keeps there what it knows
of the group's resources, and while that region is away they work on and take no changes.
https://learn.microsoft.com/azure/azure-resource-manager/management/overview#resource-group-location-alignment
"""

from runbooks.models import Runbook

GLOBAL = {"azure_dns": "Azure DNS", "front_door": "Azure Front Door", "traffic_manager": "Traffic Manager"}
"""By kind of resource."""

_GROUP = ("subscription", "resource_group")


def regions_beside(runbook: Runbook, name: str) -> tuple[str, ...]:
    """The regions whose own resources are in the same resource group as that public name. Pure."""
    common = runbook.resources[name].common
    group = tuple(str(common.get(key, "")).lower() for key in _GROUP)
    return tuple(region for region in runbook.regions if group in _groups(runbook, region))


def _groups(runbook: Runbook, region: str) -> set[tuple[str, ...]]:
    found = set()
    for name, resource in runbook.resources.items():
        settings = runbook.settings_of(name, region)
        if resource.kind not in GLOBAL and settings.get("resource_group"):
            found.add(tuple(str(settings.get(key, "")).lower() for key in _GROUP))
    return found
