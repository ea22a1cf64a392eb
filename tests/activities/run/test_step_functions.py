import json
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.aws.world import HERE, World
from tests.conformance.specimens.aws_runs import machine

_FAIL = {"stop": {"Type": "Fail", "Error": "Drain.Stuck", "Cause": "three pods stay"}}


def stood(aws: World, states: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The settings for a state machine that moto runs."""
    return aws.settings(machine=machine(aws, "drain", HERE, states), **more)


async def test_it_is_followed_to_its_end(aws: World) -> None:
    """Its input holds what it is part of; its output is in the evidence."""
    settings = stood(aws, input={"group": "llm"})
    result = await perform("run.step_functions", settings, within=20.0)
    client = aws.client("stepfunctions")
    (one,) = client.list_executions(stateMachineArn=settings["machine"])["executions"]
    given = json.loads(client.describe_execution(executionArn=one["executionArn"])["input"])
    assert (given["group"], given["evac"]["run"], given["evac"]["epoch"]) == ("llm", "run-1", EPOCH)
    assert result.reason == "The execution of the state machine ran, and ended well."
    assert json.loads(result.after["execution"]["output"]) == {"drained": 3}  # type: ignore[arg-type, call-overload, index]


async def test_a_failure_is_told_with_its_cause(aws: World) -> None:
    """It is final, and no second one is started by the attempts of the same scheduling."""
    settings = stood(aws, _FAIL)
    sentence = await refused("run.step_functions", settings, ErrorType.WRONG_STATE, within=20.0)
    assert sentence == "The execution of the state machine ended as FAILED: Drain.Stuck: three pods stay."
    await refused("run.step_functions", settings, ErrorType.WRONG_STATE, within=20.0)
    assert len(aws.client("stepfunctions").list_executions(stateMachineArn=settings["machine"])["executions"]) == 1


async def test_what_may_be_repeated_gets_a_new_name(aws: World) -> None:
    """AWS takes a name once in 90 days."""
    settings = stood(aws, _FAIL, repeatable=True)
    for _ in range(2):
        await refused("run.step_functions", settings, ErrorType.NOT_YET, within=20.0)
    names = aws.client("stepfunctions").list_executions(stateMachineArn=settings["machine"])["executions"]
    assert sorted(one["name"][-2:] for one in names) == ["-1", "-2"]


async def test_one_that_takes_too_long_is_looked_at_again(aws: World) -> None:
    """The next attempt follows the same execution."""
    settings = stood(aws, {"wait": {"Type": "Wait", "Seconds": 4, "End": True}})
    with pytest.raises(ApplicationError, match="is RUNNING after") as caught:
        await perform("run.step_functions", settings, within=2.0)
    assert caught.value.type == "not-yet"
    assert (await perform("run.step_functions", settings, within=20.0)).changed is True
    assert len(aws.client("stepfunctions").list_executions(stateMachineArn=settings["machine"])["executions"]) == 1
