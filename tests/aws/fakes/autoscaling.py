"""Auto Scaling's launches, which always succeed at moto: here a pool may be empty, and the history says so."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from tests.aws import launches
from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend

_MOST_TAGS, _VALUE = 50, 256


def _refuse(message: str) -> NoReturn:
    code = "ValidationError"
    raise Refusal(code, message)


class FakeGroups(Fake):
    """Groups of moto's, with instances of ours: launched where there is capacity, again at each look."""

    service = "autoscaling"

    def reset(self) -> None:
        """There is capacity for everything."""
        self._left: dict[str, int] = {}
        self._broken: dict[str, str] = {}
        self._history: dict[str, list[dict[str, Any]]] = {}
        self._pending: set[str] = set()
        self._deleting: set[str] = set()

    def told(self, what: Mapping[str, Any]) -> Any:
        """By group: `pending` (new instances stay so), `deleting`, `broken` (why each launch fails).

        `left`: so many more instances of a pool (`on-demand:p5.48xlarge`, `spot:...`, `cr-...`); None: without end.
        """
        for name, value in what.get("left", {}).items():
            self._left.pop(name, None)
            if value is not None:
                self._left[name] = value
        self._broken.update(what.get("broken", {}))
        self._pending = set(what.get("pending", self._pending))
        self._deleting |= set(what.get("deleting", ()))

    def describe_auto_scaling_groups(
        self,
        region: str,
        AutoScalingGroupNames: list[str] | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """Each look lets it try again, as AWS does by itself."""
        groups = backend("autoscaling", region).autoscaling_groups
        wanted = groups if AutoScalingGroupNames is None else AutoScalingGroupNames
        found = [groups[name] for name in wanted if name in groups]
        for group in found:
            self._launch(group)
        return {"AutoScalingGroups": [self._shown(group) for group in found]}

    def describe_scaling_activities(
        self,
        region: str,
        AutoScalingGroupName: str,  # noqa: N803
        MaxRecords: int = 100,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """Newest first."""
        self._group(region, AutoScalingGroupName)
        return {"Activities": self._history.get(AutoScalingGroupName, [])[:MaxRecords]}

    def set_desired_capacity(
        self,
        region: str,
        AutoScalingGroupName: str,  # noqa: N803
        DesiredCapacity: int,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """Within its bounds."""
        self._resize(self._group(region, AutoScalingGroupName), DesiredCapacity)
        return {}

    def create_or_update_tags(self, region: str, Tags: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """As moto, but not of what is not there, nor longer than AWS allows."""
        for tag in Tags:
            group = self._group(region, tag["ResourceId"])
            if len(tag["Value"]) > _VALUE or len({one["Key"] for one in group.tags} | {tag["Key"]}) > _MOST_TAGS:
                _refuse(f"the tag {tag['Key']} is one too many, or too long")
        backend("autoscaling", region).create_or_update_tags(Tags)
        return {}

    def update_auto_scaling_group(self, region: str, AutoScalingGroupName: str, **given: Any) -> dict[str, Any]:  # noqa: N803
        """What is not given stays."""
        group = self._group(region, AutoScalingGroupName)
        template, mixed = given.get("LaunchTemplate"), given.get("MixedInstancesPolicy")
        if template and mixed:
            _refuse("Valid requests must contain either LaunchTemplate or MixedInstancesPolicy parameter.")
        for spec in filter(None, (template, mixed and mixed["LaunchTemplate"]["LaunchTemplateSpecification"])):
            if bool(spec.get("LaunchTemplateId")) == bool(spec.get("LaunchTemplateName")):
                _refuse("Valid requests must contain either launchTemplateId or LaunchTemplateName")
        if template or mixed:
            group.mixed_instances_policy = mixed
            group._set_launch_configuration(None, template or {}, mixed)
        if "VPCZoneIdentifier" in given:
            group._set_azs_and_vpcs([], given["VPCZoneIdentifier"], update=True)
        if "CapacityReservationSpecification" in given:
            group.capacity_reservation_specification = given["CapacityReservationSpecification"]
        group.max_size, group.min_size = (
            given.get("MaxSize", group.max_size),
            given.get("MinSize", group.min_size),
        )
        self._resize(group, given.get("DesiredCapacity", group.desired_capacity))
        return {}

    def _group(self, region: str, name: str) -> Any:
        group = backend("autoscaling", region).autoscaling_groups.get(name)
        if group is None:
            _refuse(f"AutoScalingGroup name not found - AutoScalingGroup: {name}")
        if name in self._deleting:
            code = "ScalingActivityInProgress"
            raise Refusal(code, f"You cannot change {name}: it is pending delete")
        return group

    def _resize(self, group: Any, wanted: int) -> None:
        if not group.min_size <= wanted <= group.max_size:
            side, bound = ("above max", group.max_size) if wanted > group.max_size else ("below min", group.min_size)
            _refuse(f"New SetDesiredCapacity value {wanted} is {side} value {bound} for the AutoScalingGroup.")
        if wanted < len(group.instance_states):
            group.set_desired_capacity(wanted)
        group.desired_capacity = wanted
        self._launch(group)

    def _launch(self, group: Any) -> None:
        if "Launch" in group._suspended_processes:
            return
        while len(group.instance_states) < group.desired_capacity:
            pool, kind = self._pool(group)
            if pool is None or group.name in self._broken:
                for zone in sorted(group.availability_zones):
                    said = self._broken.get(group.name) or launches.FULL[kind].format(
                        type=launches.types(group)[0], zone=zone
                    )
                    self._note(group, "Failed", said)
                return
            group.replace_autoscaling_group_instances(1, group.get_propagated_tags())
            state = group.instance_states[-1]
            state.instance_type = state.instance.instance_type = pool.rpartition(":")[2] if ":" in pool else "reserved"
            state.lifecycle_state = "Pending" if group.name in self._pending else "InService"
            self._note(group, "InProgress" if group.name in self._pending else "Successful", "")
            group.autoscaling_backend.update_attached_target_groups(group.name)

    def _pool(self, group: Any) -> tuple[str | None, str]:
        """Where the next instance comes from, and what kind of place it is."""
        target = launches.reservation(group).get("CapacityReservationTarget", {})
        market = kind = launches.market(group)
        pools = [f"{market}:{name}" for name in launches.types(group)]
        if target:
            pools, kind = target["CapacityReservationIds"], "reserved"
        for pool in pools:
            if self._left.get(pool, 1):
                if pool in self._left:
                    self._left[pool] -= 1
                return pool, kind
        return None, kind

    def _note(self, group: Any, code: str, said: str) -> None:
        now = datetime.now(UTC)
        activity = {
            "ActivityId": str(uuid.uuid4()),
            "AutoScalingGroupName": group.name,
            "Description": "Launching a new EC2 instance.",
            "Cause": "a difference between desired and actual capacity",
            "StartTime": now,
            "EndTime": now,
            "StatusCode": code,
            "Progress": 100,
            "Details": json.dumps({"Availability Zone": group.availability_zones[0]}),
        }
        self._history.setdefault(group.name, []).insert(0, {**activity, **({"StatusMessage": said} if said else {})})

    def _shown(self, group: Any) -> dict[str, Any]:
        template = group.ec2_launch_template
        spec = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name} if template else {}
        version = {"Version": group.launch_template_version} if template else {}
        launching: dict[str, Any] = {"LaunchTemplate": {**spec, **version}} if template else {}
        if group.mixed_instances_policy:
            mixed = group.mixed_instances_policy
            whole = {**mixed["LaunchTemplate"], "LaunchTemplateSpecification": {**spec, **version}}
            launching = {"MixedInstancesPolicy": {**mixed, "LaunchTemplate": whole}}
        if launches.reservation(group):
            launching["CapacityReservationSpecification"] = launches.reservation(group)
        return {
            "AutoScalingGroupName": group.name,
            "AutoScalingGroupARN": group.arn,
            "MinSize": group.min_size,
            "MaxSize": group.max_size,
            "DesiredCapacity": group.desired_capacity,
            "DefaultCooldown": group.default_cooldown,
            "AvailabilityZones": sorted(group.availability_zones),
            "VPCZoneIdentifier": group.vpc_zone_identifier or "",
            "HealthCheckType": group.health_check_type,
            "CreatedTime": datetime.now(UTC),
            "TargetGroupARNs": group.target_group_arns,
            "SuspendedProcesses": group.suspended_processes,
            "Tags": group.tags,
            **({"Status": "Delete in progress"} if group.name in self._deleting else {}),
            "Instances": [self._instance(group, state) for state in group.instance_states],
            **launching,
        }

    def _instance(self, group: Any, state: Any) -> dict[str, Any]:
        if group.name not in self._pending and state.lifecycle_state == "Pending":
            state.lifecycle_state = "InService"
        return {
            "InstanceId": state.instance_id,
            "InstanceType": state.instance_type,
            "AvailabilityZone": state.availability_zone,
            "LifecycleState": state.lifecycle_state,
            "HealthStatus": state.health_status,
            "ProtectedFromScaleIn": bool(state.protected_from_scale_in),
        }
