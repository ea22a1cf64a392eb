from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.activities.scale.test_ecs import stood
from tests.aws.world import World


async def test_its_size_is_what_the_planner_reads(aws: World) -> None:
    """Wanted and running tasks, as ECS counts them."""
    settings = stood(aws, 4)
    aws.tell("ecs", most={"llm": 3})
    reading = (await perform("detect.ecs", settings, within=10.0)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "3 of 4 tasks run.")
    assert ProcessValues(desired=4, ready=3) == ProcessValues.model_validate(reading.values)
