"""The settings of a runbook's own steps on AWS, by technology.

`{region}` in any text of them stands for the step's region, `{source}` and `{target}` for the ends of the move, and
each of the region's own `vars` for its text (`runbooks/extras.py`): a step that runs in whichever region is moved to
says `aws_region: "{region}"`, where regions are called as AWS calls them.
"""

from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from runbooks.aws.access import AwsSettings
from runbooks.values import Model, Seconds

_NAME = r"[A-Za-z0-9_-]+"
_LAMBDA = rf"^(arn:aws[a-z-]*:lambda:[^:]+:[0-9]{{12}}:function:)?{_NAME}$"
_MACHINE = r"^arn:aws[a-z-]*:states:[^:]+:[0-9]{12}:stateMachine:[^:/\s]+$"
_PLAN = r"^arn:aws[a-zA-Z-]*:arc-region-switch::[0-9]{12}:plan/[A-Za-z0-9-]{1,32}:[a-z0-9]{6}$"
_REGION = r"^(\{\w+\}|[a-z]{2}(-[a-z0-9]+)+-[0-9])$"


class AwsStep(AwsSettings):
    """Where a step of the runbook's own runs on AWS."""

    aws_region: str = Field(pattern=_REGION, description="such as us-east-1, or {region}")


class LambdaStep(AwsStep):
    """A function to invoke. Its event is the payload, with `evac` (run, step, epoch, region) put in."""

    function: str = Field(pattern=_LAMBDA)
    """Its name or ARN, without version."""
    qualifier: str | None = None
    """A version or alias."""
    payload: dict[str, JsonValue] = {}
    wait: bool = True
    """False: it is handed over (invocation type `Event`), and nobody sees how it ends."""
    repeatable: bool = False
    """Invoking it twice does no harm: it can tell by `evac.run` and `evac.step`, for one."""


class _Document(AwsStep):
    document: str = Field(min_length=1)
    """Its name; the ARN when another account shares it."""
    document_version: str | None = None
    parameters: dict[str, tuple[str, ...]] = {}
    repeatable: bool = False
    """Running it twice does no harm: a failure is tried again without a person."""


class SsmCommandStep(_Document):
    """A command document to run on machines that Systems Manager manages: on those named, or those with all tags."""

    instances: tuple[str, ...] = Field(default=(), max_length=50)
    tags: dict[str, tuple[str, ...]] = Field(default={}, max_length=5)
    delivery: Seconds = Field(default=60.0, ge=30)
    """So long it may take until a machine takes it."""
    max_errors: str = Field(default="0", pattern=r"^[0-9]+%?$")
    """After more failures than these it is sent to no further machine."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if bool(self.instances) == bool(self.tags):
            message = "give either `instances` or `tags`: the machines that it runs on"
            raise ValueError(message)
        return self


class SsmAutomationStep(_Document):
    """An automation document (a "runbook" of Systems Manager) to run."""


class StepFunctionsStep(AwsStep):
    """A state machine (type STANDARD) to run. Its input is the one given, with `evac` put in, as for a function."""

    machine: str = Field(pattern=_MACHINE)
    """Its ARN, without version or alias."""
    input: dict[str, JsonValue] = {}
    repeatable: bool = False
    """Running it twice does no harm: a failure is tried again without a person."""


class RegionSwitchStep(AwsStep):
    """A plan of ARC Region switch to execute, asked of its data plane in `aws_region`: not the region that fails."""

    plan: str = Field(pattern=_PLAN)
    switch: str = Field(pattern=_REGION)
    """The region that is activated or deactivated."""
    action: Literal["activate", "deactivate"] = "activate"
    mode: Literal["graceful", "ungraceful"] = "graceful"
    latest_version: bool = True
    approve: tuple[str, ...] = ()
    """Its manual approval steps that this run's own approval stands for; any other one waits for a person there."""
    repeatable: bool = False
    """Executing it twice does no harm."""


STEPS: dict[str, type[Model]] = {
    "run.aws_lambda": LambdaStep,
    "run.region_switch": RegionSwitchStep,
    "run.ssm_automation": SsmAutomationStep,
    "run.ssm_command": SsmCommandStep,
    "run.step_functions": StepFunctionsStep,
}
