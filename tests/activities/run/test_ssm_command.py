from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.clients.marker import MarkerFile
from activities.run.ssm_command import RunSsmCommand
from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import call, perform, refused
from tests.aws.world import HERE, World
from tests.conformance.specimens.aws_runs import document, machines


def stood(aws: World, **more: Any) -> dict[str, Any]:
    """The settings for a document, and two machines tagged `group: llm`."""
    document(aws, "drain", HERE, "Command")
    machines(aws, HERE)
    return aws.settings(document="drain", tags={"group": ["llm"]}, parameters={"commands": ["drain"]}, **more)


async def scheduled(home: Path, at: datetime, settings: dict[str, Any]) -> StepResult:
    """The step as the workflow scheduled it at that time."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, scheduled_time=at, start_to_close_timeout=timedelta(seconds=20))
    result = await environment.run(RunSsmCommand(home).run, call("run.ssm_command", settings))
    assert isinstance(result, StepResult)
    return result


async def test_machines_are_found_by_their_tags(aws: World, tmp_path: Path) -> None:
    """And it is followed until all of them are through."""
    settings = stood(aws)
    aws.tell("ssm", looks=2)
    result = await perform("run.ssm_command", settings, home=tmp_path, within=20.0)
    (one,) = aws.tell("ssm", sent=True)
    assert (len(one["InstanceIds"]), one["Parameters"]) == (2, {"commands": ["drain"]})
    assert result.after["execution"]["detail"] == "2 of 2 machines are through"  # type: ignore[call-overload, index]


async def test_a_machine_that_fails_is_named_with_its_output(aws: World, tmp_path: Path) -> None:
    """It is final; a person's retry sends the command again."""
    settings, at = stood(aws), datetime.now(UTC)
    name = aws.client("ec2").describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    aws.tell("ssm", fails={name: "drain: no such group\n"})
    for _ in range(2):
        with pytest.raises(ApplicationError) as caught:
            await scheduled(tmp_path, at, settings)
        assert caught.value.message == f"The command ended as Failed: Failed on {name}."
        assert caught.value.details[0]["output"] == "drain: no such group\n"
    assert len(aws.tell("ssm", sent=True)) == 1
    aws.tell("ssm", heals=True)
    assert (await scheduled(tmp_path, at + timedelta(minutes=1), settings)).changed is True
    assert len(aws.tell("ssm", sent=True)) == 2


async def test_tags_that_no_machine_has_are_no_success(aws: World, tmp_path: Path) -> None:
    """AWS itself calls it a success."""
    settings = {**stood(aws), "tags": {"group": ["other"]}}
    sentence = await refused("run.ssm_command", settings, ErrorType.WRONG_STATE, home=tmp_path, within=20.0)
    assert sentence.startswith("The command ended as sent to nobody: no machine has these tags")


async def test_what_may_have_been_sent_and_is_not_shown_waits_for_a_person(aws: World, tmp_path: Path) -> None:
    """A worker died while it sent: AWS takes no token, so nobody can tell."""
    settings, at = stood(aws), datetime.now(UTC)
    MarkerFile(tmp_path, "run-1", "step-1").begin(safe=False)
    with pytest.raises(ApplicationError, match="may have run, or still be running"):
        await scheduled(tmp_path, at, settings)
    assert aws.tell("ssm", sent=True) == []
    assert (await scheduled(tmp_path, at + timedelta(minutes=1), settings)).changed is True
