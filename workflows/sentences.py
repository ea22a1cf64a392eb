"""Why an activity failed, in words, and of which type the failure was."""

from temporalio.exceptions import ApplicationError, TimeoutType
from temporalio.exceptions import TimeoutError as TemporalTimeoutError


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
