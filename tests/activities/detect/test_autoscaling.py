from runbooks.facts import ProcessValues
from tests.activities.calls import STANDBY, perform
from tests.aws.groups import stand_group
from tests.aws.world import World


async def test_its_size_is_what_the_planner_reads(aws: World) -> None:
    """Wanted and ready instances."""
    settings = stand_group(aws, "llm", 2, MaxSize=4)
    aws.tell("autoscaling", pending=["llm"])
    aws.client("autoscaling", STANDBY).set_desired_capacity(AutoScalingGroupName="llm", DesiredCapacity=4)
    reading = (await perform("detect.autoscaling", settings, within=10.0)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "2 of 4 instances are ready.")
    assert ProcessValues(desired=4, ready=2) == ProcessValues.model_validate(reading.values)


async def test_a_group_that_is_being_deleted_cannot_be_scaled(aws: World) -> None:
    """It is no capacity to count on."""
    settings = stand_group(aws, "llm", 2)
    aws.tell("autoscaling", deleting=["llm"])
    reading = (await perform("detect.autoscaling", settings, within=10.0)).reading
    assert reading is not None
    assert reading.state == "unhealthy"
    assert "is being deleted (Delete in progress): it cannot be scaled." in reading.reason
