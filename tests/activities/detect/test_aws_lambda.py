from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.activities.scale.test_aws_lambda import stood
from tests.aws.world import World
from tests.conformance.specimens.aws_lambda import ALIAS


async def test_its_size_is_what_the_planner_reads(aws: World) -> None:
    """What is asked for, and what is up."""
    settings = stood(aws, alias=ALIAS)
    aws.tell("lambda", most=3)
    aws.client("lambda").put_provisioned_concurrency_config(
        FunctionName="rank", Qualifier=ALIAS, ProvisionedConcurrentExecutions=4
    )
    reading = (await perform("detect.aws_lambda", settings, within=10.0)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "3 of 4 provisioned executions are ready.")
    assert ProcessValues(desired=4, ready=3) == ProcessValues.model_validate(reading.values)


async def test_none_is_said(aws: World) -> None:
    """A function shares what the account has, unless it is given its own."""
    reading = (await perform("detect.aws_lambda", stood(aws), within=10.0)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "It has no reserved concurrency.")
