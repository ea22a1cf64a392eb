import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.run.aws_lambda import RunAwsLambda
from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import EPOCH, call, perform, refused
from tests.aws.world import HERE, World
from tests.conformance.specimens.aws_runs import function


def stood(aws: World, **more: Any) -> dict[str, Any]:
    """The settings for a function."""
    function(aws, "drain", HERE)
    return aws.settings(function="drain", **more)


async def scheduled(home: Path, at: datetime, settings: dict[str, Any]) -> StepResult:
    """The step as the workflow scheduled it at that time."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, scheduled_time=at, start_to_close_timeout=timedelta(seconds=10))
    result = await environment.run(RunAwsLambda(home).run, call("run.aws_lambda", settings))
    assert isinstance(result, StepResult)
    return result


async def test_it_is_told_what_it_is_part_of(aws: World, tmp_path: Path) -> None:
    """Its event is the payload and, in `evac`, run, step, epoch and region; what it returns is in the evidence."""
    result = await perform("run.aws_lambda", stood(aws, payload={"drain": 3}), home=tmp_path, within=10.0)
    (one,) = aws.tell("lambda", invoked=True)
    assert (one["event"]["drain"], one["type"], one["region"]) == (3, "RequestResponse", HERE)
    wanted = {"runbook": "book", "run": "run-1", "step": "step-1", "epoch": EPOCH, "region": "eu-west-1"}
    assert {key: one["event"]["evac"][key] for key in wanted} == wanted
    assert result.reason == "The function was invoked and ended well."
    assert '"drain": 3' in result.after["marker"]["output"]  # type: ignore[call-overload, index, operator]


async def test_what_it_raises_is_said(aws: World, tmp_path: Path) -> None:
    """With the end of its log; it is final, since it may have done half of it. A person's retry invokes it again."""
    settings = stood(aws)
    aws.tell("lambda", fails={"drain": {"errorType": "KeyError", "errorMessage": "'group'"}})
    with pytest.raises(ApplicationError) as caught:
        await perform("run.aws_lambda", settings, home=tmp_path, within=10.0)
    assert caught.value.message == "The function drain failed (Unhandled): KeyError: 'group'."
    assert (caught.value.type, caught.value.non_retryable) == ("wrong-state", True)
    assert caught.value.details[0]["log"] == "START\nthe end of the log\n"
    aws.tell("lambda", fails={"drain": None})
    assert (await perform("run.aws_lambda", settings, home=tmp_path, within=10.0)).changed is True


async def test_a_failure_of_what_may_be_repeated_is_retried(aws: World, tmp_path: Path) -> None:
    """It is not final."""
    settings = stood(aws, repeatable=True)
    aws.tell("lambda", fails={"drain": {"errorMessage": "no"}})
    await refused("run.aws_lambda", settings, ErrorType.NOT_YET, home=tmp_path, within=10.0)


async def test_an_invocation_whose_answer_was_lost_waits_for_a_person(aws: World, tmp_path: Path) -> None:
    """Attempts of the same scheduling never invoke it again; a person's retry does."""
    settings, at = stood(aws), datetime.now(UTC)
    aws.bend("lambda:Invoke", "lose", times=1)
    with pytest.raises(ApplicationError) as lost:
        await scheduled(tmp_path, at, settings)
    assert lost.value.non_retryable is False
    for _ in range(2):
        with pytest.raises(ApplicationError, match="may have run, or still be running") as caught:
            await scheduled(tmp_path, at, settings)
        assert caught.value.non_retryable is True
    assert len(aws.tell("lambda", invoked=True)) == 1
    assert (await scheduled(tmp_path, at + timedelta(minutes=1), settings)).changed is True
    assert len(aws.tell("lambda", invoked=True)) == 2


async def test_it_can_be_handed_over_only(aws: World, tmp_path: Path) -> None:
    """Nobody waits for its end."""
    result = await perform("run.aws_lambda", stood(aws, wait=False), home=tmp_path, within=10.0)
    (one,) = aws.tell("lambda", invoked=True)
    assert (one["type"], result.reason) == ("Event", "The function was handed its event.")


async def test_a_secret_that_comes_back_is_struck_out(
    aws: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the external id of a role is in the answer, or in a file, although the function repeats it."""
    monkeypatch.setenv("EXTERNAL", "tell-nobody")
    assumed = {"role": "arn:aws:iam::123456789012:role/evac", "external_id": "env://EXTERNAL"}
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}
    aws.tell("sts", account="123456789012", role="evac", trust=json.dumps({"Version": "2012-10-17", **trust}))
    settings = stood(aws, payload={"leak": "tell-nobody"}, **assumed)
    result = await perform("run.aws_lambda", settings, home=tmp_path, within=10.0)
    assert "[secret]" in result.model_dump_json()
    assert "tell-nobody" not in result.model_dump_json()
    assert all("tell-nobody" not in file.read_text() for file in files(tmp_path))


def files(folder: Path) -> list[Path]:
    """All files of a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]
