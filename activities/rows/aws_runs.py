"""Technologies that run something of the user's own on AWS."""

from typing import Any

from activities.contract import Technology
from activities.run.aws_lambda import RunAwsLambda
from activities.run.region_switch import RunRegionSwitch
from activities.run.ssm_automation import RunSsmAutomation
from activities.run.ssm_command import RunSsmCommand
from activities.run.step_functions import RunStepFunctions

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    RunAwsLambda,
    RunRegionSwitch,
    RunSsmAutomation,
    RunSsmCommand,
    RunStepFunctions,
)
