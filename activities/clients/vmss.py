"""A virtual machine scale set: how large it is and is to be, what ails it, and the decision in its tags.

https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-sets
https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-orchestration-modes
"""

import asyncio
from typing import Any

from activities.azure import tag_epoch, tagged
from activities.clients.azure import Answer, Azure
from activities.clients.azure_errors import wants_capacity
from activities.clients.azure_locks import refuse_locked
from activities.errors import StepError
from activities.family import Family, Member
from runbooks.azure.scaling import VmssSettings
from runbooks.steps import ErrorType

_UPDATE = "virtual_machine_scale_sets.begin_update"
_RUNS, _HEALTHY, _FAILED = "PowerState/running", "HealthState/healthy", "ProvisioningState/failed"


class ScaleSet(Member):
    """As ARM shows it."""

    sizes: tuple[str, ...] = ()
    """The VM sizes of new instances: one, or those of an instance mix."""
    spot: bool = False
    state: str = ""
    """`Succeeded`, `Updating` or `Failed`: how its last change ended."""


class ScaleSets(Family):
    """The scale set, and those of its ladder."""

    members: tuple[ScaleSet, ...]


async def read_scale_sets(there: Azure, settings: VmssSettings) -> ScaleSets:
    """Look at all of them. Raises StepError; one of the ladder that is not there is only absent."""
    found = await asyncio.gather(*(_read(there, settings, rung) for rung in range(len(settings.names))))
    return ScaleSets(members=found)


async def size_scale_set(there: Azure, settings: VmssSettings, name: str, wanted: int, epoch: int) -> None:
    """Order the size and note the decision, in one request and only if nobody has changed it meanwhile.

    Waits until Azure has done it. Raises StepError: CONFLICT when somebody else came between, NO_CAPACITY.
    """
    from azure.core import MatchConditions  # noqa: PLC0415 - an extra

    where = (settings.resource_group, name)
    found, _ = await asyncio.gather(
        there.read("compute", "virtual_machine_scale_sets.get", *where),
        refuse_locked(there, settings.scale_set_id(name)),
    )
    patch = {"sku": {**found["sku"], "capacity": wanted}, "tags": tagged(found, epoch)}
    unchanged = {"etag": found["etag"], "match_condition": MatchConditions.IfNotModified}
    await there.operate("compute", _UPDATE, *where, patch, **unchanged)


async def resume_sizing(there: Azure, settings: VmssSettings, name: str) -> None:
    """Wait for what an earlier attempt has ordered, if one has. Raises StepError, as `size_scale_set`."""
    await there.resume("compute", _UPDATE, settings.resource_group, name, {})


async def _read(there: Azure, settings: VmssSettings, rung: int) -> ScaleSet:
    name = settings.names[rung]
    try:
        found = await there.read("compute", "virtual_machine_scale_sets.get", settings.resource_group, name)
    except StepError as error:
        if error.kind is not ErrorType.NOT_FOUND or not rung:
            raise
        return ScaleSet(name=name, absent=error.sentence)
    return await _seen(there, settings, rung, found)


async def _seen(there: Azure, settings: VmssSettings, rung: int, found: Answer) -> ScaleSet:
    name, properties = settings.names[rung], found["properties"]
    profile = properties.get("virtualMachineProfile") or {}
    spot = profile.get("priority") == "Spot"
    _refuse_wrong(found, settings, rung, spot=spot)
    machines = await _machines(there, settings, found)
    failed = properties["provisioningState"] == "Failed"
    code, message = await _reason(there, settings, name, machines) if failed else ("", "")
    mixed = (properties.get("skuProfile") or {}).get("vmSizes") or ()
    return ScaleSet(
        name=name,
        desired=found["sku"]["capacity"],
        ready=sum(_serves(one, watched=_watched(profile)) for one in machines),
        epoch=tag_epoch(found),
        failed=failed,
        why=f"The last change of the scale set {name} has failed: {code}: {message.rstrip('.')}." if failed else "",
        full=failed and wants_capacity(code, message),
        sizes=tuple(one["name"] for one in mixed) or (found["sku"]["name"],),
        spot=spot,
        state=properties["provisioningState"],
    )


def _refuse_wrong(found: Answer, settings: VmssSettings, rung: int, *, spot: bool) -> None:
    """Raises StepError."""
    name, market = settings.names[rung], settings.markets[rung]
    if (found.get("sku") or {}).get("capacity") is None:
        sentence = f"The scale set {name} has no capacity of its own (its machines are added one by one): name another."
        raise StepError(ErrorType.BAD_SETTINGS, sentence)
    if market is not None and spot != (market == "spot"):
        really = "of the spot market" if spot else "on demand"
        raise StepError(ErrorType.BAD_SETTINGS, f"The scale set {name} is {really}: say so in `market` of its rung.")


async def _machines(there: Azure, settings: VmssSettings, found: Answer) -> list[Answer]:
    """Its instances with their instance views: those of flexible orchestration are machines like any other."""
    name = str(found["name"])
    if found["properties"].get("orchestrationMode") == "Flexible":
        chosen = f"'virtualMachineScaleSet/id' eq '{settings.scale_set_id(name)}'"
        return await there.pages(
            "compute", "virtual_machines.list", settings.resource_group, filter=chosen, expand="instanceView"
        )
    return await there.pages(
        "compute", "virtual_machine_scale_set_vms.list", settings.resource_group, name, expand="instanceView"
    )


def _watched(profile: dict[str, Any]) -> bool:
    """Something looks at the health of its instances: a load balancer's probe, or the extension for it."""
    if (profile.get("networkProfile") or {}).get("healthProbe"):
        return True
    extensions = (profile.get("extensionProfile") or {}).get("extensions") or ()
    kinds = (str((one.get("properties") or {}).get("type", "")) for one in extensions)
    return any(kind.startswith("ApplicationHealth") for kind in kinds)


def _serves(machine: Answer, *, watched: bool) -> bool:
    """It runs, and is healthy where something looks at that: what is not known yet is not healthy."""
    view = machine["properties"].get("instanceView") or {}
    codes = {status.get("code") for status in view.get("statuses") or ()}
    health = ((view.get("vmHealth") or {}).get("status") or {}).get("code")
    return _RUNS in codes and (health == _HEALTHY or (health is None and not watched))


async def _reason(there: Azure, settings: VmssSettings, name: str, machines: list[Answer]) -> tuple[str, str]:
    """Code and message of what has failed: an instance tells, or else the scale set; it may be that neither does."""
    for machine in machines:
        found = _of_statuses(machine["properties"].get("instanceView") or {})
        if found is not None:
            return found
    where = (settings.resource_group, name)
    try:
        view = await there.read("compute", "virtual_machine_scale_sets.get_instance_view", *where)
    except StepError as error:
        return "unknown", error.sentence
    return _of_statuses(view) or ("unknown", "Azure does not say why: look at its activity log")


def _of_statuses(view: dict[str, Any]) -> tuple[str, str] | None:
    for status in view.get("statuses") or ():
        code = str(status.get("code", ""))
        if code.startswith(_FAILED):
            return code.rpartition("/")[2], str(status.get("message") or status.get("displayStatus") or "")
    return None
