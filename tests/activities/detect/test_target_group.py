from typing import Any

import pytest

from tests.activities.calls import perform
from tests.aws.balancers import stand_targets
from tests.aws.world import THERE, World


@pytest.mark.parametrize(
    ("minimum", "state", "words"),
    [
        ("50%", "healthy", "2 of 4 targets of llm are healthy, and 2 must be."),
        ("51%", "unhealthy", "2 of 4 targets of llm are healthy, and 3 must be ("),
        (2, "healthy", "2 of 4 targets of llm are healthy, and 2 must be."),
        (3, "unhealthy", "2 of 4 targets of llm are healthy, and 3 must be ("),
    ],
)
async def test_enough_is_a_share_or_a_number(aws: World, minimum: Any, state: str, words: str) -> None:
    """Two of four run; the sentence names some of the others, with what the load balancer says of them."""
    arn, instances = stand_targets(aws, "llm", 4)
    aws.client("ec2", THERE).stop_instances(InstanceIds=list(instances[2:]))
    settings = aws.settings(THERE, target_group=arn, minimum=minimum)
    reading = (await perform("detect.target_group", settings, within=10.0)).reading
    assert reading is not None
    assert reading.state == state
    assert reading.reason.startswith(words)
    assert reading.values == {"healthy": 2, "targets": 4}
    if state == "unhealthy":
        assert f"{instances[2]}: " in reading.reason


async def test_without_targets_nobody_is_served(aws: World) -> None:
    """Even no percent of none."""
    arn, _ = stand_targets(aws, "llm", 1)
    aws.client("elbv2", THERE).deregister_targets(
        TargetGroupArn=arn,
        Targets=[
            {"Id": one["Target"]["Id"]}
            for one in aws.client("elbv2", THERE).describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        ],
    )
    reading = (
        await perform("detect.target_group", aws.settings(THERE, target_group=arn, minimum="0%"), within=10.0)
    ).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("unhealthy", "0 of 0 targets of llm are healthy, and 1 must be.")
