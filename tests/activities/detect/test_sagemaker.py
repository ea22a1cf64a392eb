from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.activities.scale.test_sagemaker import stood
from tests.aws.world import World


async def test_its_size_is_what_the_planner_reads(aws: World) -> None:
    """Wanted instances, and those that run."""
    reading = (await perform("detect.sagemaker", stood(aws, 4), within=10.0)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "4 of 4 instances run; the endpoint is InService.")
    assert ProcessValues(desired=4, ready=4) == ProcessValues.model_validate(reading.values)
