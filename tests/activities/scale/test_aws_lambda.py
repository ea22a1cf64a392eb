from typing import Any

from activities.scale.aws_lambda import ScaleAwsLambda
from runbooks.aws.scaling import LambdaSettings
from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.aws_lambda import ALIAS, stand_function

USES = "scale.aws_lambda"


def stood(aws: World, **more: Any) -> dict[str, Any]:
    """A function without any concurrency of its own."""
    stand_function(aws, HERE, "rank")
    return aws.settings(function="rank", **more)


def provisioned(aws: World) -> int:
    """Of the alias; 0: it has none."""
    client = aws.client("lambda")
    try:
        found = client.get_provisioned_concurrency_config(FunctionName="rank", Qualifier=ALIAS)
    except client.exceptions.ProvisionedConcurrencyConfigNotFoundException:
        return 0
    return int(found["RequestedProvisionedConcurrentExecutions"])


def reserved(aws: World) -> int | None:
    """Of the function; None: it has none."""
    found: int | None = (
        aws.client("lambda").get_function_concurrency(FunctionName="rank").get("ReservedConcurrentExecutions")
    )
    return found


async def test_from_nothing_and_back_to_nothing(aws: World) -> None:
    """An alias that has none gets it, and the undo takes it away; the decision is in the function's tags."""
    settings = {**stood(aws, alias=ALIAS), "replicas": 4}
    done = await perform(USES, settings, within=10.0)
    assert (done.reason, provisioned(aws)) == ("4 concurrent executions are ready; before there were 0.", 4)
    arn = aws.client("lambda").get_function_configuration(FunctionName="rank")["FunctionArn"]
    assert aws.client("lambda").list_tags(Resource=arn)["Tags"] == {"evac:epoch": str(EPOCH)}
    undone = await perform(f"{USES}.undo", settings, within=10.0, before=done.before)
    assert (undone.changed, provisioned(aws)) == (True, 0)


async def test_a_reservation_is_made_and_taken_away(aws: World) -> None:
    """Without an alias it is the function's reserved concurrency; none is not the same as 0, which lets nobody in."""
    settings = {**stood(aws), "replicas": 40}
    done = await perform(USES, settings, within=10.0)
    assert (done.changed, reserved(aws)) == (True, 40)
    assert (await perform(USES, settings, within=10.0)).changed is False
    undone = await perform(f"{USES}.undo", settings, within=10.0, before=done.before)
    assert (undone.changed, reserved(aws)) == (True, None)


async def test_a_reservation_of_nothing_is_raised_and_brought_back(aws: World) -> None:
    """0 is a reservation."""
    settings = {**stood(aws), "replicas": 40}
    aws.client("lambda").put_function_concurrency(FunctionName="rank", ReservedConcurrentExecutions=0)
    done = await perform(USES, settings, within=10.0)
    await perform(f"{USES}.undo", settings, within=10.0, before=done.before)
    assert reserved(aws) == 0


async def test_what_the_account_has_not_got_is_final(aws: World) -> None:
    """Lambda says by which rule; nobody waits."""
    aws.tell("lambda", quota=10)
    settings = {**stood(aws, alias=ALIAS), "replicas": 40}
    sentence = await refused(USES, settings, ErrorType.NO_CAPACITY, within=10.0)
    assert "UnreservedConcurrentExecution below its minimum value of [100]" in sentence
    assert provisioned(aws) == 0


async def test_what_cannot_be_provided_ends_the_wait(aws: World) -> None:
    """With Lambda's own reason."""
    aws.tell("lambda", most=3, why="The function's init has timed out.")
    settings = {**stood(aws, alias=ALIAS), "replicas": 5}
    sentence = await refused(USES, settings, ErrorType.NO_CAPACITY, within=10.0)
    assert sentence == (
        "Lambda cannot provide 5 concurrent executions (3 are ready): The function's init has timed out. Mend that."
    )


async def test_it_may_be_sized_by_what_the_other_region_has(aws: World) -> None:
    """Its concurrency there; when it has none of its own, the plan's number stands."""
    stand_function(aws, THERE, "rank")
    upstream = aws.settings(THERE, function="rank", alias=ALIAS)
    settings = {**stood(aws, alias=ALIAS), "replicas": 2, "upstream": upstream, "match": {}}
    result = await perform(USES, settings, within=10.0)
    assert (provisioned(aws), "nothing has counted it" in result.reason) == (2, True)
    aws.client("lambda", THERE).put_provisioned_concurrency_config(
        FunctionName="rank", Qualifier=ALIAS, ProvisionedConcurrentExecutions=6
    )
    await perform(USES, settings, within=10.0)
    assert provisioned(aws) == 6


def test_it_needs_only_what_its_settings_ask_for() -> None:
    """An alias has provisioned concurrency, a function a reserved one; a day's maximum is asked of CloudWatch."""
    alias = LambdaSettings.model_validate({"aws_region": HERE, "function": "rank", "alias": ALIAS})
    function = LambdaSettings.model_validate({"aws_region": HERE, "function": "rank", "match": {"of": "24h-maximum"}})
    always = {"lambda:GetFunctionConfiguration", "lambda:ListTags", "lambda:TagResource"}
    verbs = ("Delete", "Get", "Put")
    assert set(ScaleAwsLambda.needs(alias)) == always | {f"lambda:{verb}ProvisionedConcurrencyConfig" for verb in verbs}
    counted = {"cloudwatch:GetMetricStatistics", *(f"lambda:{verb}FunctionConcurrency" for verb in verbs)}
    assert set(ScaleAwsLambda.needs(function)) == always | counted
