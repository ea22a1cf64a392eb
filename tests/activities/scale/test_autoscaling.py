from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, refused
from tests.aws.groups import group_of, shape_of, stand_group
from tests.aws.world import World

WITHIN = 20.0


async def scale(settings: dict[str, Any], **more: Any) -> Any:
    """The act's answer."""
    return await perform("scale.autoscaling", settings, within=WITHIN, **more)


async def test_its_maximum_is_raised_only_as_far_as_needed_and_brought_back(aws: World) -> None:
    """Five instances in a group that may have three; an undo brings back both numbers."""
    settings = {**stand_group(aws, "llm", 2, MaxSize=3), "replicas": 5}
    before = shape_of(aws, "llm")
    done = await scale(settings)
    assert done.reason == "5 instances are ready; before there were 2."
    assert (done.before["shape"]["maximum"], shape_of(aws, "llm")["MaxSize"]) == (3, 5)
    await perform("scale.autoscaling.undo", settings, within=WITHIN, before=done.before)
    assert shape_of(aws, "llm") == before


async def test_a_larger_maximum_is_left(aws: World) -> None:
    """It goes only up."""
    await scale({**stand_group(aws, "llm", 2, MaxSize=9), "replicas": 5})
    assert shape_of(aws, "llm")["MaxSize"] == 9


async def test_it_never_scales_in_while_failing_over(aws: World) -> None:
    """More than is needed is left alone."""
    done = await scale({**stand_group(aws, "llm", 5), "replicas": 3})
    assert (done.changed, done.reason) == (False, "5 instances are ready already, and 3 are needed.")


async def test_down_lowers_a_minimum_that_stands_in_the_way(aws: World) -> None:
    """Traffic has left: exactly so many."""
    await scale({**stand_group(aws, "llm", 5, MinSize=4), "replicas": 2, "down": True})
    assert [shape_of(aws, "llm")[key] for key in ("DesiredCapacity", "MinSize", "instances")] == [2, 2, 2]


async def test_a_launch_that_fails_otherwise_is_no_want_of_capacity(aws: World) -> None:
    """What AWS says of it is in the sentence, and Temporal tries again."""
    aws.tell("autoscaling", broken={"llm": "The key pair 'ops' does not exist. Launching EC2 instance failed."})
    settings = {**stand_group(aws, "llm", 2), "replicas": 3, "ladder": [{"market": "spot"}]}
    sentence = await refused("scale.autoscaling", settings, ErrorType.NOT_YET, within=3.0)
    assert sentence.endswith(
        "AWS says of its launches: The key pair 'ops' does not exist. Launching EC2 instance failed."
    )


async def test_a_quota_that_is_too_small_is_said_before_anything_is_changed(aws: World) -> None:
    """With the numbers; a rung of another family is tried at once."""
    aws.tell("service-quotas", quotas={"L-1216C47A": 6})
    settings = {**stand_group(aws, "llm", 2), "replicas": 4}
    sentence = await refused("scale.autoscaling", settings, ErrorType.NO_CAPACITY, within=WITHIN)
    assert (
        "the quota of eu-west-1 for Standard on-demand instances is 6 vCPUs (L-1216C47A), of which 4 are used; "
        "2 more m5.large need 4." in sentence
    )
    assert shape_of(aws, "llm")["DesiredCapacity"] == 2
    check = await perform("scale.autoscaling.check", settings, within=WITHIN)
    assert (check.proved, check.reason) == (False, sentence)
    done = await scale({**settings, "ladder": [{"instance_types": ["g5.xlarge"]}]})
    assert done.reason.startswith("4 instances are ready, by rung 1")


@pytest.mark.parametrize("trouble", ["absent", "deny", "hang"])
async def test_an_unknown_quota_stands_in_nobodys_way(aws: World, trouble: str) -> None:
    """The launch itself will tell."""
    settings = {**stand_group(aws, "llm", 2), "replicas": 4}
    if trouble == "absent":
        aws.tell("service-quotas", quotas={"L-1216C47A": None})
    else:
        aws.bend("service-quotas:*", trouble)
    assert (await scale(settings)).changed is True


async def test_ready_is_what_the_load_balancer_finds_healthy(aws: World) -> None:
    """In service is not enough where a target group is named."""
    elb, ec2 = aws.client("elbv2", STANDBY), aws.client("ec2", STANDBY)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = elb.create_target_group(Name="llm", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="instance")
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    settings = {**stand_group(aws, "llm", 2), "replicas": 3, "target_groups": [arn]}
    sentence = await refused("scale.autoscaling", settings, ErrorType.NOT_YET, within=3.0)
    assert sentence.startswith("0 of 3 instances of llm in eu-west-1 are ready")
    ids = [one["InstanceId"] for one in group_of(aws, "llm")["Instances"]]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": one} for one in ids])
    assert (await scale(settings)).reason == "3 instances are ready already, and 3 are needed."


@pytest.mark.parametrize(
    ("process", "acts", "words"),
    [("Launch", False, "starts no instance"), ("HealthCheck", True, "does not see when an instance fails")],
)
async def test_suspended_processes_are_an_obstacle(aws: World, process: str, words: str, *, acts: bool) -> None:
    """The check says so of both; only what stops every launch stops the act."""
    settings = {**stand_group(aws, "llm", 2), "replicas": 3}
    aws.client("autoscaling", STANDBY).suspend_processes(AutoScalingGroupName="llm", ScalingProcesses=[process])
    check = await perform("scale.autoscaling.check", settings, within=WITHIN)
    assert check.proved is False
    assert f"has its process {process} suspended, so it {words}: resume it" in check.reason
    if acts:
        assert (await scale(settings)).changed is True
    else:
        await refused("scale.autoscaling", settings, ErrorType.WRONG_STATE, within=WITHIN)


async def test_its_decision_is_in_a_tag_that_instances_do_not_get(aws: World) -> None:
    """`evac:epoch`."""
    await scale({**stand_group(aws, "llm", 2), "replicas": 3})
    tags = {one["Key"]: one for one in group_of(aws, "llm")["Tags"]}
    assert (tags["evac:epoch"]["Value"], tags["evac:epoch"]["PropagateAtLaunch"]) == (str(EPOCH), False)


@pytest.mark.parametrize(
    ("match", "needed", "says"),
    [
        ({"percent": 100}, 4, "That is more than the plan's 3: 100% of what us-east-1 runs is 4 (4 there)."),
        ({"percent": 50}, 3, "The plan's 3 stands: 50% of what us-east-1 runs is 2 (4 there)."),
        (
            {"percent": 75, "of": "24h-maximum"},
            6,
            "That is more than the plan's 3: 75% of what us-east-1 ran at most within 24 hours is 6 (7 there).",
        ),
    ],
)
async def test_it_may_be_sized_by_what_the_other_region_runs(
    aws: World, match: dict[str, Any], needed: int, says: str
) -> None:
    """Now, or at most within a day; never below the plan."""
    upstream = stand_group(aws, "llm", 4, region=ACTIVE)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    counted = {"MetricName": "GroupInServiceInstances", "Value": 7.0, "Timestamp": an_hour_ago}
    dimensions = [{"Name": "AutoScalingGroupName", "Value": "llm"}]
    aws.client("cloudwatch", ACTIVE).put_metric_data(
        Namespace="AWS/AutoScaling", MetricData=[{**counted, "Dimensions": dimensions}]
    )
    settings = {**stand_group(aws, "llm", 2), "replicas": 3, "match": match, "upstream": upstream}
    done = await scale(settings)
    assert done.reason == f"{needed} instances are ready; before there were 2. {says}"
    assert done.after["match"]["needed"] == needed
    assert (await scale(settings)).changed is False


@pytest.mark.parametrize("trouble", ["absent", "uncounted", "silent"])
async def test_when_the_other_region_does_not_say_the_plan_stands(aws: World, trouble: str) -> None:
    """The evidence says so, and the recovery goes on."""
    upstream = {**stand_group(aws, "llm", 4, region=ACTIVE), **({"group": "none"} if trouble == "absent" else {})}
    if trouble == "silent":
        upstream["endpoint"] = "http://192.0.2.1"  # nobody is there, and nobody says so
    of = "24h-maximum" if trouble == "uncounted" else "running"
    match = {"of": of, "within": "1s"}
    done = await scale({**stand_group(aws, "llm", 2), "replicas": 3, "match": match, "upstream": upstream})
    assert done.reason.startswith("3 instances are ready; before there were 2. 3 stands, as 100% of what us-east-1 r")
    assert done.after["match"]["elsewhere"] is None
