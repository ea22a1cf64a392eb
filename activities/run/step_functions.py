"""`run.step_functions`: an execution of a state machine of AWS Step Functions.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.contract import Job
from activities.errors import StepError
from activities.running import MOST_TOLD, Execution, RunElsewhere, mark_of, told
from runbooks.aws.runs import StepFunctionsStep
from runbooks.steps import ErrorType

_TAKEN = {"ExecutionAlreadyExists": ErrorType.CONFLICT}


class RunStepFunctions(OnAws, RunElsewhere[StepFunctionsStep]):
    """Starts a state machine under a name made of run and step, so that there is only one, and follows it."""

    uses = "run.step_functions"
    permissions = ("states:DescribeExecution", "states:DescribeStateMachine", "states:StartExecution")
    tested_against = "moto"
    Settings = StepFunctionsStep
    what = "The execution of the state machine"

    @classmethod
    def arns(cls, settings: StepFunctionsStep) -> tuple[str, ...]:
        """The machine, and the executions of it that Evac began."""
        return (settings.machine, f"{_executions(settings.machine)}:evac-*")

    async def _newest(self, job: Job[StepFunctionsStep]) -> Execution | None:
        found: Execution | None = None
        number = _kept(job)
        while (one := await self._described(job, number)) is not None:
            found = one
            job.kept["execution"] = number
            if one.state != "failed":
                break
            number += 1
        if found is None:
            await self._refuse(job)
        return found

    async def _described(self, job: Job[StepFunctionsStep], number: int) -> Execution | None:
        arn = f"{_executions(job.settings.machine)}:{_name(job, number)}"
        try:
            shown = await aws(job).read("stepfunctions", "describe_execution", executionArn=arn)
        except StepError as error:
            if error.evidence.get("code") == "ExecutionDoesNotExist":
                return None
            raise
        return _execution(shown)

    async def _refuse(self, job: Job[StepFunctionsStep]) -> None:
        """Raises StepError when the machine could not be followed."""
        machine = job.settings.machine
        shown = await aws(job).read("stepfunctions", "describe_state_machine", stateMachineArn=machine)
        if shown["type"] != "STANDARD":
            sentence = f"{machine} is of the type {shown['type']}, which cannot be followed: use one of type STANDARD."
            raise StepError(ErrorType.WRONG_STATE, sentence)
        if shown.get("status", "ACTIVE") != "ACTIVE":
            sentence = f"{machine} is {shown['status']}: it cannot be started."
            raise StepError(ErrorType.WRONG_STATE, sentence)

    async def _begin(self, job: Job[StepFunctionsStep], before: Execution | None) -> None:
        number = 1 if before is None else int(before.id.rpartition("-")[2]) + 1
        try:
            await aws(job).change(
                "stepfunctions",
                "start_execution",
                meanings=_TAKEN,
                stateMachineArn=job.settings.machine,
                name=_name(job, number),
                input=json.dumps({**job.settings.input, "evac": told(job)}, sort_keys=True),
            )
        except StepError as error:
            if error.kind is not ErrorType.CONFLICT:
                raise
        job.kept["execution"] = number  # also when another attempt was faster: then it is followed


def _executions(machine: str) -> str:
    return machine.replace(":stateMachine:", ":execution:")


def _kept(job: Job[StepFunctionsStep]) -> int:
    number = job.kept.get("execution", 1)
    assert isinstance(number, int)
    return number


def _name(job: Job[StepFunctionsStep], number: int) -> str:
    """Unique for 90 days within the machine."""
    return f"evac-{mark_of(job)}-{number}"


def _execution(shown: Mapping[str, Any]) -> Execution:
    status = str(shown["status"])
    ours = _object(shown.get("input", "")).get("evac")
    mark: dict[str, JsonValue] = ours if isinstance(ours, dict) else {}
    epoch = mark.get("epoch")
    error, cause = str(shown.get("error", "")), str(shown.get("cause", ""))
    output = str(shown.get("output", ""))
    return Execution(
        id=shown["executionArn"],
        state={"RUNNING": "running", "PENDING_REDRIVE": "running", "SUCCEEDED": "done"}.get(status, "failed"),
        status=status,
        scheduling=str(mark.get("scheduling", "")),
        epoch=epoch if isinstance(epoch, int) else None,
        detail=": ".join(part for part in (error, cause[-MOST_TOLD:]) if part),
        output=output[-MOST_TOLD:] or None,
    )


def _object(text: str) -> dict[str, JsonValue]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
