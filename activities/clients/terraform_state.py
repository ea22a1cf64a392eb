"""How large what Terraform holds is, as the outputs of its state tell."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import JsonValue

from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType
from runbooks.terraform import TerraformCapacity

C = TypeVar("C", bound=TerraformCapacity)


def size_of(job: Job[C], outputs: Mapping[str, JsonValue]) -> int:
    """The size that was applied last; 0 when nothing was ever applied. Raises StepError."""
    return _number(job, outputs, job.settings.told_by)


def ready_of(job: Job[C], outputs: Mapping[str, JsonValue]) -> int:
    """How many serve. Raises StepError."""
    return _number(job, outputs, job.settings.ready_output or job.settings.told_by)


def _number(job: Job[C], outputs: Mapping[str, JsonValue], name: str) -> int:
    if not outputs or outputs.get(name) is None:
        return 0
    value = outputs[name]
    if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()):
        return int(value)
    raise StepError(
        ErrorType.BAD_SETTINGS,
        f"The output {name} of {job.settings.named} is no number: name one that tells a size.",
    )
