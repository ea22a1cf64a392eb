"""Single instances as a team would have them: made by boto3, around Evac."""

from tests.aws.groups import IMAGE
from tests.aws.world import THERE, World


def stand_instances(aws: World, running: int, stopped: int, region: str = THERE) -> tuple[str, ...]:
    """Their ids: those that run first."""
    ec2 = aws.client("ec2", region)
    count = running + stopped
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "service", "Value": "llm"}]}]
    made = ec2.run_instances(
        ImageId=IMAGE, MinCount=count, MaxCount=count, InstanceType="m5.large", TagSpecifications=tags
    )
    names = tuple(str(one["InstanceId"]) for one in made["Instances"])
    if stopped:
        ec2.stop_instances(InstanceIds=list(names[running:]))
    return names


def running_of(aws: World, names: tuple[str, ...], region: str = THERE) -> list[str]:
    """Which of them run."""
    found = aws.client("ec2", region).describe_instances(InstanceIds=list(names))["Reservations"]
    states = {one["InstanceId"]: one["State"]["Name"] for each in found for one in each["Instances"]}
    return [name for name in names if states[name] == "running"]
