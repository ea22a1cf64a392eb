"""Target groups behind a load balancer, made by boto3, around Evac."""

from typing import Any

from tests.aws.groups import subnets
from tests.aws.instances import stand_instances
from tests.aws.world import THERE, World


def stand_targets(aws: World, name: str, count: int, region: str = THERE) -> tuple[str, tuple[str, ...]]:
    """A target group with so many running instances, healthy as long as they run: its ARN, and theirs ids."""
    elb, ec2 = aws.client("elbv2", region), aws.client("ec2", region)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made: dict[str, Any] = elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    arn = str(made["TargetGroupArn"])
    balancer = elb.create_load_balancer(Name=name, Subnets=subnets(aws, region)[:2])["LoadBalancers"][0]
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward)
    instances = stand_instances(aws, count, 0, region)
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": one} for one in instances])
    return arn, instances
