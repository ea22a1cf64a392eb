"""What PostgreSQL and its driver say, as sentences and ErrorTypes."""

import psycopg

from activities.errors import StepError
from runbooks.steps import ErrorType

_BY_STATE = {
    "08": ErrorType.UNREACHABLE,  # connection exception
    "28": ErrorType.DENIED,  # invalid authorization
    "3D": ErrorType.NOT_FOUND,  # no such database
    "40": ErrorType.CONFLICT,  # serialization failure, deadlock
    "42501": ErrorType.DENIED,  # insufficient privilege
    "53": ErrorType.BUSY,  # insufficient resources, too many connections
    "55006": ErrorType.BUSY,  # in use, as a slot that is read
    "55P03": ErrorType.BUSY,  # a lock is held
    "57014": ErrorType.TIMED_OUT,  # statement timeout
    "57": ErrorType.UNREACHABLE,  # shut down, or this connection was terminated
}

_ADVICE = {
    ErrorType.UNREACHABLE: "look whether it is running and can be reached from this worker",
    ErrorType.DENIED: "check the user, its password and its rights",
    ErrorType.NOT_FOUND: "check `dbname` in the runbook",
    ErrorType.BUSY: "it will be asked again",
    ErrorType.CONFLICT: "it will be asked again",
    ErrorType.TIMED_OUT: "look what it is waiting for",
    ErrorType.WRONG_STATE: "a person must look at the server",
}

# libpq gives no SQLSTATE for a refused connection, only the server's text.
_BY_TEXT = (
    ("is starting up", ErrorType.BUSY),
    ("is shutting down", ErrorType.BUSY),
    ("recovery mode", ErrorType.BUSY),
    ("not accepting connections", ErrorType.BUSY),
    ("not yet accepting connections", ErrorType.BUSY),
    ("too many clients", ErrorType.BUSY),
    ("remaining connection slots", ErrorType.BUSY),
    ("authentication failed", ErrorType.DENIED),
    ("no password supplied", ErrorType.DENIED),
    ("pg_hba.conf", ErrorType.DENIED),
    ("role ", ErrorType.DENIED),
    ("database ", ErrorType.NOT_FOUND),
)


def connect_error(error: psycopg.Error, where: str) -> StepError:
    """Why there is no connection."""
    text = _last_line(error)
    if "Connection refused" in str(error):
        sentence = f"PostgreSQL at {where} refuses connections: nothing listens there."
        return StepError(ErrorType.UNREACHABLE, sentence, {"refused": True})
    kind = ErrorType.UNREACHABLE
    if "FATAL" in str(error) or "no password supplied" in text:
        kind = next((kind for part, kind in _BY_TEXT if part in text), ErrorType.DENIED)
    return StepError(kind, f"PostgreSQL at {where} gives no connection ({text}): {_ADVICE[kind]}.")


def query_error(error: psycopg.Error, where: str) -> StepError:
    """Why a query failed."""
    state = error.sqlstate or "08"
    kind = _BY_STATE.get(state) or _BY_STATE.get(state[:2], ErrorType.WRONG_STATE)
    return StepError(
        kind, f"PostgreSQL at {where} refused ({_last_line(error)}): {_ADVICE[kind]}.", {"sqlstate": error.sqlstate}
    )


def silent(where: str, within: float) -> StepError:
    """It hangs: no answer in time."""
    return StepError(ErrorType.UNREACHABLE, f"PostgreSQL at {where} gave no answer within {within:g} s.")


def _last_line(error: psycopg.Error) -> str:
    primary = error.diag.message_primary
    if primary:
        return primary
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rpartition("failed: ")[2][:200]
