"""Would Azure let so many more machines run? What is used of the quotas of cores against what they are.

What cannot be found out stands in nobody's way: the order itself tells then.
https://learn.microsoft.com/azure/virtual-machines/quotas
"""

import asyncio
from collections.abc import Iterable

from activities.clients.azure import Answer, Azure
from activities.errors import StepError

READS = ("Microsoft.Compute/locations/usages/read", "Microsoft.Compute/skus/read")
"""The permissions that it needs, of the whole subscription."""
_ALL, _ALL_SPOT = "cores", "lowPriorityCores"
_WITHIN = 4.0
"""Seconds for all of it."""


async def too_small(there: Azure, sizes: Iterable[str], more: int, *, spot: bool = False) -> str | None:
    """The sentence why of none of the sizes so many more could run; None: they could, or nobody knows."""
    wanted = tuple(dict.fromkeys(sizes))
    if not wanted or more <= 0:
        return None
    try:
        async with asyncio.timeout(_WITHIN):
            usages, skus = await asyncio.gather(
                there.pages("compute", "usage.list", there.region),
                there.pages("compute", "resource_skus.list", filter=f"location eq '{there.region}'"),
            )
    except (StepError, TimeoutError):
        return None
    quotas = {str(one["name"]["value"]).lower(): (int(one["currentValue"]), int(one["limit"])) for one in usages}
    known = {one["name"]: one for one in skus if one.get("resourceType") == "virtualMachines"}
    found = [_why_not(there.region, name, known.get(name), quotas, more, spot=spot) for name in wanted]
    return found[0] if all(found) else None


def _why_not(  # noqa: PLR0913 - the size, how many of it, and what there is
    region: str, name: str, sku: Answer | None, quotas: dict[str, tuple[int, int]], more: int, *, spot: bool
) -> str | None:
    if sku is None:
        return None
    for barred in sku.get("restrictions") or ():
        if barred.get("type") == "Location":
            return f"{name} is not offered to this subscription in {region} ({barred.get('reasonCode')})."
    cores = {one["name"]: one["value"] for one in sku.get("capabilities") or ()}.get("vCPUs")
    if cores is None:
        return None
    needed = int(cores) * more
    for quota in (_ALL_SPOT,) if spot else (str(sku.get("family")), _ALL):
        used, limit = quotas.get(quota.lower(), (0, needed))
        if used + needed > limit:
            return (
                f"The quota of {region} for {quota} is {limit} vCPUs, of which {used} are used; "
                f"{more} more {name} need {needed}."
            )
    return None
