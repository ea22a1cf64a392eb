"""Why an activity failed, in words, and of which type the failure was."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError, TimeoutType
from temporalio.exceptions import TimeoutError as TemporalTimeoutError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from runbooks.steps import Preview


def sentence(error: BaseException) -> str:
    """Why an activity failed, as a person reads it."""
    cause = error.__cause__
    if isinstance(cause, ApplicationError):
        return cause.message
    if isinstance(cause, TemporalTimeoutError):
        return "no answer within its time limit"
    return str(cause or error)


def worker_lost(error: BaseException) -> bool:
    """Its worker died, or was cut off, in the middle: that says nothing of the step itself."""
    cause = error.__cause__
    return isinstance(cause, TemporalTimeoutError) and cause.type is TimeoutType.HEARTBEAT


def error_type(error: BaseException) -> str | None:
    """The ErrorType that the activity gave its failure, or None when the failure was not its own."""
    cause = error.__cause__
    return cause.type if isinstance(cause, ApplicationError) else None


def offered(error: BaseException) -> Preview | None:
    """What the step would change instead of what was approved, when it stopped for that."""
    cause = error.__cause__
    details = cause.details if isinstance(cause, ApplicationError) else ()
    found = details[0].get("preview") if details and isinstance(details[0], dict) else None
    try:
        return None if found is None else Preview.model_validate(found)
    except ValidationError:
        return None
