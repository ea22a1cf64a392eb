"""What a rung of the ladder changes of a group: types, zones, reservations and market, and nothing that serves already.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/use-ec2-capacity-reservations.html
"""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from activities.clients.autoscaling import GroupView, Shape
from activities.clients.autoscaling_history import Stage
from activities.clients.aws import Aws
from activities.clients.ec2_quota import too_small
from activities.clients.ec2_templates import type_of_template
from activities.errors import StepError
from runbooks.aws.groups import AutoscalingSettings, Rung
from runbooks.steps import ErrorType

_LAUNCHING = ("MixedInstancesPolicy", "LaunchTemplate")
"""A group has one of the two: giving it the other replaces it."""
_RESERVED = "CapacityReservationSpecification"
_NO_RESERVATION = {"CapacityReservationPreference": "default"}


async def parts_of(there: Aws, settings: AutoscalingSettings, rung: int, original: Shape) -> dict[str, Any]:
    """The group's parts on that rung; 0 is the group as it was. Raises StepError."""
    if not rung:
        return restored(original, settings)
    chosen = settings.ladder[rung - 1]
    launching = _launching(settings, chosen, original)
    kept = {key: value for key, value in restored(original, settings).items() if key not in _LAUNCHING}
    found: dict[str, Any] = {**kept, **launching}
    subnets = [*str(original.parts.get("VPCZoneIdentifier", "")).split(","), *chosen.subnets]
    if chosen.zones:
        subnets += await _subnets_in(there, settings, chosen, subnets[0])
    if chosen.zones or chosen.subnets:
        found["VPCZoneIdentifier"] = ",".join(dict.fromkeys(filter(None, subnets)))
    if chosen.reservations:
        found[_RESERVED] = {
            "CapacityReservationPreference": "capacity-reservations-only",
            "CapacityReservationTarget": {"CapacityReservationIds": list(chosen.reservations)},
        }
    return found


def restored(original: Shape, settings: AutoscalingSettings) -> dict[str, Any]:
    """What brings the group's parts back; what it had not must be said, too, if a rung may have given it."""
    may_reserve = any(rung.reservations for rung in settings.ladder)
    return {**({_RESERVED: _NO_RESERVATION} if may_reserve else {}), **original.parts}


def differs(now: Shape, parts: Mapping[str, Any]) -> bool:
    """The group's parts are not these; one that it has not counts as AWS's default."""
    absent = {_RESERVED: _NO_RESERVATION}
    return any(now.parts.get(key, absent.get(key)) != value for key, value in parts.items())


def template_of(original: Shape) -> Mapping[str, JsonValue] | None:
    """The launch template that the group had, by id and version; None when it has a launch configuration."""
    mixed = original.parts.get("MixedInstancesPolicy")
    if isinstance(mixed, dict) and isinstance(whole := mixed.get("LaunchTemplate"), dict):
        found = whole.get("LaunchTemplateSpecification")
    else:
        found = original.parts.get("LaunchTemplate")
    return found if isinstance(found, dict) else None


def types_of(original: Shape) -> tuple[str, ...]:
    """The instance types that the group's policy names, in its order."""
    mixed = original.parts.get("MixedInstancesPolicy")
    whole = mixed.get("LaunchTemplate") if isinstance(mixed, dict) else None
    overrides = whole.get("Overrides") if isinstance(whole, dict) else None
    listed = overrides if isinstance(overrides, list) else []
    named = (one.get("InstanceType") for one in listed if isinstance(one, dict))
    return tuple(str(name) for name in named if name)


def _launching(settings: AutoscalingSettings, chosen: Rung, original: Shape) -> dict[str, Any]:
    """By which template, of which types, in which market."""
    template = template_of(original)
    if template is None:
        raise StepError(
            ErrorType.BAD_SETTINGS,
            f"The Auto Scaling group {settings.group} has a launch configuration, which no ladder can change: give it "
            "a launch template.",
        )
    spec = {**template, **({"Version": chosen.version} if chosen.version else {})}
    types = chosen.instance_types or types_of(original)
    if chosen.market == "capacity-block" or (chosen.market == "on-demand" and not types):
        return {"LaunchTemplate": spec}
    percent = 0 if chosen.market == "spot" else 100
    return {
        "MixedInstancesPolicy": {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": spec,
                **({"Overrides": [{"InstanceType": name} for name in types]} if types else {}),
            },
            "InstancesDistribution": {
                "OnDemandAllocationStrategy": "prioritized",
                "OnDemandBaseCapacity": 0,
                "OnDemandPercentageAboveBaseCapacity": percent,
                "SpotAllocationStrategy": "capacity-optimized-prioritized" if types else "capacity-optimized",
            },
        }
    }


async def quota_of(there: Aws, settings: AutoscalingSettings, seen: GroupView, rung: int, needed: int) -> str | None:
    """The sentence why the quota forbids that rung; None: it does not, or nobody knows."""
    chosen = settings.ladder[rung - 1] if rung else None
    original = seen.original or seen.shape
    if seen.weighted or (chosen is not None and chosen.reservations):
        return None  # what is reserved counts against the quota already
    types = (chosen.instance_types if chosen else ()) or types_of(original)
    if not types:
        types = await type_of_template(there, template_of(original), chosen.version if chosen else None)
    spot = chosen is not None and chosen.market == "spot"
    return await too_small(there, types or seen.instance_types, needed - seen.launched, spot=spot)


def no_capacity(settings: AutoscalingSettings, seen: GroupView, needed: int, tried: tuple[Stage, ...]) -> StepError:
    """The clear stop: each rung, and what AWS said of it."""
    words = []
    for stage in tried:
        name = f"rung {stage.rung} ({settings.ladder[stage.rung - 1]})" if stage.rung else "the group as it is"
        words.append(f"{name}: {stage.said.rstrip('.')}")
    sentence = (
        f"{settings.group} in {settings.aws_region} has {seen.ready} of {needed} instances, and gets no more. "
        f"Tried: {'; '.join(words)}. Add a rung to its ladder, reserve capacity or raise the quota, then say retry."
    )
    evidence: dict[str, JsonValue] = {**seen.evidence(), "tried": [stage.model_dump(mode="json") for stage in tried]}
    return StepError(ErrorType.NO_CAPACITY, sentence, evidence)


async def _subnets_in(there: Aws, settings: AutoscalingSettings, chosen: Rung, beside: str) -> list[str]:
    """The one subnet of the group's VPC in each zone. Raises StepError when it must be named."""
    if not beside:
        raise _say_subnets(settings, "is in no VPC that it names")
    own = (await there.read("ec2", "describe_subnets", SubnetIds=[beside]))["Subnets"][0]
    filters = [
        {"Name": "vpc-id", "Values": [own["VpcId"]]},
        {"Name": "availability-zone", "Values": list(chosen.zones)},
    ]
    found = (await there.read("ec2", "describe_subnets", Filters=filters))["Subnets"]
    alike = [one for one in found if one["MapPublicIpOnLaunch"] == own["MapPublicIpOnLaunch"]]
    by_zone = {zone: [one["SubnetId"] for one in alike if one["AvailabilityZone"] == zone] for zone in chosen.zones}
    for zone, subnets in by_zone.items():
        if len(subnets) != 1:
            raise _say_subnets(settings, f"could use {len(subnets)} subnets of its VPC in {zone}")
    return [subnets[0] for subnets in by_zone.values()]


def _say_subnets(settings: AutoscalingSettings, why: str) -> StepError:
    sentence = f"The Auto Scaling group {settings.group} {why}: say the `subnets` of the rung in the runbook."
    return StepError(ErrorType.BAD_SETTINGS, sentence)
