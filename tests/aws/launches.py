"""What a group of moto's asks for at each launch, and what AWS writes when it has no capacity for that."""

from typing import Any

FULL = {
    "on-demand": "Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have "
    "sufficient {type} capacity in the Availability Zone you requested ({zone}). Our "
    "system will be working on "
    "provisioning additional capacity. Launching EC2 instance failed.",
    "spot": "Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill capacity due to your request "
    "configuration. Please adjust your request and try again. Launching EC2 instance failed.",
    "reserved": "Could not launch On-Demand Instances. ReservationCapacityExceeded - The requested reservation does "
    "not have sufficient compatible and available capacity for this request. Launching EC2 instance failed.",
}


def reservation(group: Any) -> dict[str, Any]:
    """The capacity reservations that it is bound to."""
    found: dict[str, Any] = getattr(group, "capacity_reservation_specification", {})
    return found


def types(group: Any) -> list[str]:
    """The instance types, in their order."""
    mixed = group.mixed_instances_policy or {}
    named = [one.get("InstanceType") for one in mixed.get("LaunchTemplate", {}).get("Overrides", ())]
    return [name for name in named if name] or [group.instance_type]


def market(group: Any) -> str:
    """Whether it buys on demand."""
    distribution = (group.mixed_instances_policy or {}).get("InstancesDistribution", {})
    return "on-demand" if int(distribution.get("OnDemandPercentageAboveBaseCapacity", 100)) else "spot"
