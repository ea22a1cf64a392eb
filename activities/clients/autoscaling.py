"""An EC2 Auto Scaling group: how large it is and is to be, what its launches ended in, and the decision in its tags.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from activities.acting import View
from activities.aws import EPOCH_TAG, epoch_in, flat
from activities.clients.autoscaling_history import RUNG_TAG, Stage, began, in_tag, launches_of, of_tag
from activities.clients.aws import Answer, Aws
from activities.clients.aws_kept import kept_in, kept_tags
from activities.clients.aws_metrics import highest
from activities.errors import StepError
from runbooks.aws.groups import AutoscalingSettings
from runbooks.steps import ErrorType
from runbooks.values import Model

_SHAPING = ("MixedInstancesPolicy", "LaunchTemplate", "VPCZoneIdentifier", "CapacityReservationSpecification")
"""What a rung may change of a group."""
_TAG_TYPE = "auto-scaling-group"
_HISTORY = 100
"""As many launches as AWS gives at once."""
_TRIES = 3
_ALIVE = ("Pending", "InService")
_SERVES = ("InService", "healthy")


class Shape(Model):
    """What of a group a step may change."""

    desired: int
    maximum: int
    minimum: int
    parts: dict[str, JsonValue] = {}
    """How instances are launched, as `UpdateAutoScalingGroup` takes it."""


class GroupView(View):
    """As Auto Scaling shows it."""

    arn: str
    desired: int
    ready: int
    """In service, and healthy wherever it is to be asked for."""
    launched: int
    """In service, or on the way there."""
    weighted: bool = False
    """Its instances do not count for one each."""
    shape: Shape
    original: Shape | None = None
    """What it was before this decision, by its own tags."""
    epoch: int | None = None
    suspended: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    instance_types: tuple[str, ...] = ()
    """Of the instances that it has."""
    stages: tuple[Stage, ...]
    """What has been tried under this decision, and how launches ended; at least one."""

    @property
    def starved(self) -> bool:
        """AWS has refused what was tried last for want of capacity, in each zone (it asks them in turn), or thrice."""
        last = self.stages[-1]
        return not last.waiting and last.refusals >= max(1, min(len(self.zones), _TRIES))

    def obstacle(self, group: str, process: str, effect: str) -> StepError:
        """What a suspended process stands in the way of."""
        sentence = (
            f"The Auto Scaling group {group} has its process {process} suspended, so {effect}: resume it "
            f"(aws autoscaling resume-processes --auto-scaling-group-name {group} --scaling-processes {process}), "
            "then say retry."
        )
        return StepError(ErrorType.WRONG_STATE, sentence, {"suspended": list(self.suspended)})


async def read_group(there: Aws, settings: AutoscalingSettings, epoch: int) -> GroupView:
    """Look. Raises StepError; a group that is being deleted is in the wrong state."""
    answer = await there.read("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[settings.group])
    where = f"The Auto Scaling group {settings.group} ({settings.aws_region})"
    if not answer["AutoScalingGroups"]:
        raise StepError(ErrorType.NOT_FOUND, f"{where} does not exist: look whether the runbook names it rightly.")
    group = answer["AutoScalingGroups"][0]
    if group.get("Status"):
        raise StepError(ErrorType.WRONG_STATE, f"{where} is being deleted ({group['Status']}): it cannot be scaled.")
    there_are = [one for one in group.get("Instances", ()) if one["LifecycleState"].startswith(_ALIVE)]
    serving = [one for one in there_are if (one["LifecycleState"], one["HealthStatus"].casefold()) == _SERVES]
    healthy = await _healthy(there, settings)
    tags = flat(group.get("Tags", ()))
    kept = kept_in(tags, epoch)
    stages = of_tag(tags.get(RUNG_TAG, ""), epoch) or (began(0, ""),)
    if _weight(serving) < group["DesiredCapacity"]:
        stages = await _history(there, settings, stages)
    return GroupView(
        arn=group["AutoScalingGroupARN"],
        desired=group["DesiredCapacity"],
        ready=_weight([one for one in serving if healthy is None or one["InstanceId"] in healthy]),
        launched=_weight(there_are),
        weighted="WeightedCapacity" in repr(group.get("MixedInstancesPolicy")),
        shape=shape_of(group),
        original=Shape.model_validate(kept) if kept else None,
        epoch=epoch_in(tags),
        suspended=tuple(sorted(process["ProcessName"] for process in group.get("SuspendedProcesses", ()))),
        zones=tuple(sorted(group.get("AvailabilityZones", ()))),
        instance_types=tuple(sorted({one["InstanceType"] for one in serving if "InstanceType" in one})),
        stages=stages,
    )


async def change_group(
    there: Aws, settings: AutoscalingSettings, seen: GroupView, epoch: int, stages: tuple[Stage, ...], **changes: Any
) -> None:
    """Order it; the decision, what was before it, and where the ladder stands are noted first. Raises StepError."""
    notes = {EPOCH_TAG: str(epoch), RUNG_TAG: in_tag(stages, epoch)}
    if seen.original is None:
        notes |= kept_tags(epoch, seen.shape.model_dump(mode="json"))
    tags = [
        {
            "ResourceId": settings.group,
            "ResourceType": _TAG_TYPE,
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": False,
        }
        for key, value in notes.items()
    ]
    await there.change("autoscaling", "create_or_update_tags", Tags=tags)
    await there.change("autoscaling", "update_auto_scaling_group", AutoScalingGroupName=settings.group, **changes)


async def newest_launch(there: Aws, settings: AutoscalingSettings) -> str:
    """The newest launch before an order: what comes after it is the order's. Raises StepError."""
    asked: Answer = {"AutoScalingGroupName": settings.group, "MaxRecords": 1}
    found = (await there.read("autoscaling", "describe_scaling_activities", **asked))["Activities"]
    return str(found[0]["ActivityId"]) if found else ""


async def _history(there: Aws, settings: AutoscalingSettings, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    asked: Answer = {"AutoScalingGroupName": settings.group, "MaxRecords": _HISTORY}
    found = (await there.read("autoscaling", "describe_scaling_activities", **asked))["Activities"]
    return launches_of(stages, found)


async def in_service(there: Aws, settings: AutoscalingSettings, *, longest: bool) -> int | None:
    """How many instances serve: now, or at most within 24 hours (None: the group's metrics are not collected)."""
    if longest:
        dimensions = {"AutoScalingGroupName": settings.group}
        return await highest(there, "AWS/AutoScaling", "GroupInServiceInstances", dimensions)
    answer = await there.read("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[settings.group])
    found = answer["AutoScalingGroups"]
    return _weight([one for one in found[0]["Instances"] if one["LifecycleState"] == "InService"]) if found else None


async def _healthy(there: Aws, settings: AutoscalingSettings) -> frozenset[str] | None:
    """The instances that are healthy in each target group; None: none is to be asked."""
    if not settings.target_groups:
        return None
    asked = (there.read("elbv2", "describe_target_health", TargetGroupArn=arn) for arn in settings.target_groups)
    answers = await asyncio.gather(*asked)
    good = (
        {one["Target"]["Id"] for one in answer["TargetHealthDescriptions"] if one["TargetHealth"]["State"] == "healthy"}
        for answer in answers
    )
    return frozenset(set.intersection(*good))


def _weight(instances: list[dict[str, Any]]) -> int:
    """What they count for: desired capacity is in these units."""
    return sum(int(one.get("WeightedCapacity") or 1) for one in instances)


def shape_of(group: Mapping[str, Any]) -> Shape:
    """What of it can be brought back."""
    parts = {key: _plain(group[key]) for key in _SHAPING if group.get(key)}
    return Shape(desired=group["DesiredCapacity"], maximum=group["MaxSize"], minimum=group["MinSize"], parts=parts)


def _plain(node: Any) -> Any:  # noqa: ANN401 - any part of an answer
    """As it may be sent back: a launch template that is shown by id and name is asked for by one of the two."""
    if isinstance(node, Mapping):
        twice = {"LaunchTemplateName"} if node.get("LaunchTemplateId") else set()
        return {key: _plain(value) for key, value in node.items() if key not in twice}
    return [_plain(value) for value in node] if isinstance(node, list) else node
