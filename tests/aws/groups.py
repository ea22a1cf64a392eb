"""Auto Scaling groups as a team would have them: made by boto3, around Evac."""

from typing import Any

from tests.aws.world import THERE, World

IMAGE = "ami-12c6146b"


def stand_group(aws: World, name: str, size: int, region: str = THERE, **more: Any) -> dict[str, Any]:
    """The settings of a group of so many `m5.large`, in two zones of its VPC; more: of `create_auto_scaling_group`.

    `policy`: the instance types of its mixed instances policy.
    """
    spec = {"LaunchTemplateId": stand_template(aws, name, region)}
    types = [{"InstanceType": one} for one in more.pop("policy", ())]
    mixed = {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": spec, "Overrides": types}}}
    launching = mixed if types else {"LaunchTemplate": spec}
    given = {
        "MinSize": 0,
        "MaxSize": size,
        "DesiredCapacity": size,
        "VPCZoneIdentifier": ",".join(subnets(aws, region)[:2]),
    }
    aws.client("autoscaling", region).create_auto_scaling_group(
        AutoScalingGroupName=name, **launching, **{**given, **more}
    )
    return aws.settings(region, group=name)


def stand_template(aws: World, name: str, region: str = THERE) -> str:
    """Its id."""
    answer = aws.client("ec2", region).create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "m5.large"}
    )
    return str(answer["LaunchTemplate"]["LaunchTemplateId"])


def subnets(aws: World, region: str = THERE) -> list[str]:
    """Those of the default VPC, one a zone."""
    found = aws.client("ec2", region).describe_subnets()["Subnets"]
    return [one["SubnetId"] for one in sorted(found, key=lambda one: str(one["AvailabilityZone"]))]


def group_of(aws: World, name: str, region: str = THERE) -> dict[str, Any]:
    """As AWS shows it."""
    answer = aws.client("autoscaling", region).describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    found: dict[str, Any] = answer["AutoScalingGroups"][0]
    return found


def shape_of(aws: World, name: str, region: str = THERE) -> dict[str, Any]:
    """What of it Evac may change, and its instances' number."""
    group = group_of(aws, name, region)
    keys = ("MinSize", "MaxSize", "DesiredCapacity", "VPCZoneIdentifier", "LaunchTemplate", "MixedInstancesPolicy")
    reserved = group.get("CapacityReservationSpecification", {}).get("CapacityReservationTarget")
    return {**{key: group.get(key) for key in keys}, "instances": len(group["Instances"]), "reserved": reserved}
