"""What Valkey and its driver say, as sentences and ErrorTypes."""

from valkey import exceptions

from activities.errors import StepError
from runbooks.steps import ErrorType

_BY_CLASS: tuple[tuple[type[Exception], ErrorType], ...] = (
    (exceptions.AuthenticationError, ErrorType.DENIED),
    (exceptions.NoPermissionError, ErrorType.DENIED),
    (exceptions.BusyLoadingError, ErrorType.BUSY),
    (exceptions.MaxConnectionsError, ErrorType.BUSY),
    (exceptions.OutOfMemoryError, ErrorType.BUSY),
    (exceptions.ConnectionError, ErrorType.UNREACHABLE),
)

_BY_TEXT = (
    ("max number of clients", ErrorType.BUSY),
    ("BUSY ", ErrorType.BUSY),  # a script that does not end
    ("NOREPLICAS", ErrorType.WRONG_STATE),
)

_ADVICE = {
    ErrorType.UNREACHABLE: "look whether it is running and can be reached from this worker",
    ErrorType.DENIED: "check the user, its password and its rights",
    ErrorType.BUSY: "it will be asked again",
    ErrorType.WRONG_STATE: "a person must look at the server",
}


def valkey_error(error: Exception, where: str) -> StepError:
    """Why there was no answer, or not the wanted one."""
    text = str(error).strip() or type(error).__name__
    if isinstance(error, exceptions.ConnectionError) and "Connect call failed" in text:
        sentence = f"Valkey at {where} refuses connections: nothing listens there."
        return StepError(ErrorType.UNREACHABLE, sentence, {"refused": True})
    kind = next((kind for part, kind in _BY_TEXT if part in text), None)
    kind = kind or next((kind for type_, kind in _BY_CLASS if isinstance(error, type_)), ErrorType.WRONG_STATE)
    code = "READONLY" if isinstance(error, exceptions.ReadOnlyError) else text.split(" ", 1)[0]
    return StepError(kind, f"Valkey at {where} refused ({text[:200]}): {_ADVICE[kind]}.", {"code": code})


def silent(where: str, within: float) -> StepError:
    """It hangs: no answer in time."""
    return StepError(ErrorType.UNREACHABLE, f"Valkey at {where} gave no answer within {within:g} s.")
