from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.aws.instances import stand_instances
from tests.aws.world import THERE, World


async def test_its_size_is_what_the_planner_reads(aws: World) -> None:
    """What runs, and what of it passes its checks; by tags as well as by ids."""
    names = stand_instances(aws, 2, 1)
    aws.tell("ec2", impaired=[names[0]])
    reading = (await perform("detect.ec2", aws.settings(THERE, tags={"service": "llm"}), within=10.0)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == (
        "unhealthy",
        "1 of 3 instances run and pass their status checks; 1 more run and do not (yet).",
    )
    assert ProcessValues(desired=2, ready=1) == ProcessValues.model_validate(reading.values)
