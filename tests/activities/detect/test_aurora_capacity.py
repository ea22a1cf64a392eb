from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.activities.scale.test_aurora_capacity import stood
from tests.aws.world import World


async def test_its_size_is_what_the_planner_reads(aws: World) -> None:
    """Whole units that are kept up."""
    reading = (await perform("detect.aurora_capacity", stood(aws, 2.5), within=10.0)).reading
    assert reading is not None
    assert reading.reason == "It keeps 2.5 ACU in each of 1 instances, and grows to 16."
    assert ProcessValues(desired=2, ready=2) == ProcessValues.model_validate(reading.values)
