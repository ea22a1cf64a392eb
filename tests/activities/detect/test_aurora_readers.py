from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.activities.scale.test_aurora_readers import stood
from tests.aws.world import World


async def test_its_size_is_what_the_planner_reads(aws: World) -> None:
    """Readers: the writer is none."""
    reading = (await perform("detect.aurora_readers", stood(aws, 2), within=10.0)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "2 of 2 readers are available.")
    assert ProcessValues(desired=2, ready=2) == ProcessValues.model_validate(reading.values)
