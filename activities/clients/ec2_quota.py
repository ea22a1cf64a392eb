"""Would AWS let so many more instances run? The vCPU quota of their family against what runs now, and would run.

What cannot be found out stands in nobody's way: the launch itself tells then.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html (quotas are in vCPUs)
"""

import asyncio
import re
from collections.abc import Iterable

from activities.clients.aws import Aws
from activities.errors import StepError

_STANDARD = "Standard"
_FAMILIES = {
    **dict.fromkeys(("a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"), _STANDARD),
    **dict.fromkeys(("g", "gr", "vt"), "G and VT"),
    "f": "F",
    "inf": "Inf",
    "p": "P",
    "x": "X",
}
_ON_DEMAND = {
    _STANDARD: "L-1216C47A",
    "F": "L-74FC7D96",
    "G and VT": "L-DB2E81BA",
    "Inf": "L-1945791B",
    "P": "L-417A185B",
    "X": "L-7295265B",
}
_SPOT = {
    _STANDARD: "L-34B43A08",
    "F": "L-88CF9481",
    "G and VT": "L-3819A6DF",
    "Inf": "L-B5D1601B",
    "P": "L-7212CCBC",
    "X": "L-E3A00192",
}
_WITHIN = 4.0
"""Seconds for all of it: this is recovery time."""


async def too_small(there: Aws, types: Iterable[str], more: int, *, spot: bool = False) -> str | None:
    """The sentence why not even one of the types could run so many times more; None: it could, or nobody knows."""
    wanted = tuple(dict.fromkeys(types))
    if not wanted or more <= 0:
        return None
    try:
        async with asyncio.timeout(_WITHIN):
            found = [await _too_small(there, name, more, spot=spot) for name in wanted]
    except (StepError, TimeoutError):
        return None
    return found[0] if all(found) else None


async def _too_small(there: Aws, name: str, more: int, *, spot: bool) -> str | None:
    family = _family(name)
    code = (_SPOT if spot else _ON_DEMAND).get(family or "")
    if code is None:
        return None
    answer = await there.read("service-quotas", "get_service_quota", ServiceCode="ec2", QuotaCode=code)
    quota = int(answer["Quota"]["Value"])
    running = await _running(there, str(family), spot=spot)
    each = await _vcpus(there, {name, *running})
    used = sum(each[one] * count for one, count in running.items())
    needed = each[name] * more
    if used + needed <= quota:
        return None
    what = f"{family} {'spot' if spot else 'on-demand'} instances"
    return (
        f"the quota of {there.region} for {what} is {quota} vCPUs ({code}), of which {used} are used; "
        f"{more} more {name} need {needed}"
    )


async def _running(there: Aws, family: str, *, spot: bool) -> dict[str, int]:
    """How many instances of the family run, by type."""
    filters = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    found: dict[str, int] = {}
    for reservation in await there.pages("ec2", "describe_instances", "Reservations", Filters=filters):
        for one in reservation["Instances"]:
            if _family(one["InstanceType"]) == family and (one.get("InstanceLifecycle") == "spot") == spot:
                found[one["InstanceType"]] = found.get(one["InstanceType"], 0) + 1
    return found


async def _vcpus(there: Aws, types: Iterable[str]) -> dict[str, int]:
    found = await there.pages("ec2", "describe_instance_types", "InstanceTypes", InstanceTypes=sorted(types))
    return {one["InstanceType"]: int(one["VCpuInfo"]["DefaultVCpus"]) for one in found}


def _family(name: str) -> str | None:
    """The quota's name of the type's family: `p5.48xlarge` is P."""
    letters = re.match(r"[a-z]+", name)
    return _FAMILIES.get(letters[0]) if letters else None
