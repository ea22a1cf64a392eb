"""What Azure and its libraries say when something goes wrong, as our errors. Nothing of them is imported to read it.

StepError    DENIED (credentials, or the missing permission by its name), BUSY (throttled, or something is in progress),
             CONFLICT (somebody else changed it), NOT_FOUND, WRONG_STATE (a lock, a failed operation), NO_CAPACITY,
             BAD_SETTINGS; UNREACHABLE and TIMED_OUT when nobody answered

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import JsonValue

from activities.errors import StepError
from runbooks.steps import ErrorType

EXPIRED = frozenset({"ExpiredAuthenticationToken", "AuthenticationFailed"})
"""The codes of a token that has had its day: nothing was done."""
THROTTLED = frozenset({HTTPStatus.TOO_MANY_REQUESTS.value})

_PERMISSION = re.compile(r"perform action '([^']+)'")
_CAPACITY = re.compile(
    r"SkuNotAvailable|AllocationFailed|OverconstrainedAllocation|OverconstrainedZonal|QuotaExceeded|"
    r"OutOfCapacity|InsufficientCapacity|CapacityNotAvailable|InsufficientVCPUQuota|ResourceQuotaExceeded"
)
_QUOTA = re.compile(r"exceed\w* (the )?(approved |allowed )?.*(quota|core)", re.IGNORECASE)
_GOES_ON = re.compile(r"\bin[- ]progress\b", re.IGNORECASE)
_LOCKED = re.compile(r"ScopeLocked|ResourceLocked")
_IN_PROGRESS = re.compile(
    r"InProgress|Busy|Conflict|ConcurrentUpdate|AnotherOperation|OperationPreempted|Retryable|ResourceNotReady|"
    r"ServerIsNotReady|NotReady|TooManyRequests|Throttl"
)
_MALFORMED = re.compile(r"^(Invalid|Bad|Missing|Malformed|Validation|Unsupported|LinkedAuthorization)")


def of_exception(error: Exception, asked: str, meanings: Mapping[str, ErrorType]) -> StepError | None:
    """The error that whatever azure-core raises is; None when it is neither an answer, nor the way, nor credentials."""
    answer = getattr(error, "response", None)
    if answer is not None and getattr(answer, "status_code", None) is not None:
        code, message = _said(error, answer)
        return of_answer(int(answer.status_code), code, message, asked, meanings)
    return _of_silence(error, asked)


def wants_capacity(code: str, message: str) -> bool:
    """It says that there is none, or no quota for it."""
    return bool(_CAPACITY.search(f"{code} {message}") or (code == "OperationNotAllowed" and _QUOTA.search(message)))


def of_answer(status: int, code: str, message: str, asked: str, meanings: Mapping[str, ErrorType]) -> StepError:
    """The error that an answer with an error in it is. `meanings`: codes by hand."""
    kind = meanings.get(code) or _kind(status, code, message)
    evidence: dict[str, JsonValue] = {"code": code, "status": status, "asked": asked}
    return StepError(kind, _sentence(kind, code, message.strip().rstrip("."), asked), evidence)


def _said(error: Exception, answer: Any) -> tuple[str, str]:  # noqa: ANN401 - azure-core is an extra
    """Code and message: of the answer's body, be it an error's or that of an operation which has failed."""
    try:
        body = json.loads(answer.text())
    except Exception:  # noqa: BLE001 - a body that cannot be read, or is no JSON, says nothing
        body = {}
    found = body.get("error", body) if isinstance(body, dict) else {}
    found = found if isinstance(found, dict) else {}
    code = str(found.get("code") or getattr(getattr(error, "error", None), "code", None) or "unknown")
    details = [one for one in found.get("details") or () if isinstance(one, dict) and one.get("message")]
    message = str(found.get("message") or getattr(error, "message", "") or "")
    if details and code in {"DeploymentFailed", "ResourceDeploymentFailure", "Failed", "ResourceOperationFailure"}:
        code, message = str(details[0].get("code") or code), str(details[0]["message"])  # the cause, not the frame
    return code, " ".join(message.split())


def _kind(status: int, code: str, message: str) -> ErrorType:
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} and not _CAPACITY.search(code):
        return ErrorType.DENIED
    if _LOCKED.search(code):
        return ErrorType.WRONG_STATE
    if wants_capacity(code, message):
        return ErrorType.NO_CAPACITY
    if status == HTTPStatus.PRECONDITION_FAILED:
        return ErrorType.CONFLICT
    if status == HTTPStatus.NOT_FOUND or code.endswith("NotFound"):
        return ErrorType.NOT_FOUND
    goes_on = _IN_PROGRESS.search(code) or (code == "OperationNotAllowed" and _GOES_ON.search(message))
    if status in THROTTLED or (status in {HTTPStatus.CONFLICT, HTTPStatus.OK} and goes_on):
        return ErrorType.BUSY
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ErrorType.UNREACHABLE
    if status == HTTPStatus.BAD_REQUEST and _MALFORMED.search(code):
        return ErrorType.BAD_SETTINGS
    return ErrorType.WRONG_STATE


def _sentence(kind: ErrorType, code: str, message: str, asked: str) -> str:
    if kind is ErrorType.DENIED:
        if code in EXPIRED or "expired" in message:
            return f"The Azure token of this worker has expired ({asked}): look at its credentials, then say retry."
        found = _PERMISSION.search(message)
        if found is None and code in {"InvalidAuthenticationToken", "InvalidAuthenticationTokenTenant", "unknown"}:
            return f"Azure does not know the credentials of this worker ({code} to {asked}): give it others."
        return f"Azure denies {found[1] if found else asked}: give this worker's identity a role with it, then retry."
    if _LOCKED.search(code):
        return f"A lock on Azure forbids {asked}: {message}; have whoever set it remove it, then say retry."
    said = f"Azure answers {code} to {asked}" + (f": {message}" if message else "")
    advice = {
        ErrorType.BUSY: "it is tried again",
        ErrorType.CONFLICT: "somebody else changed it: it is looked at again",
        ErrorType.NOT_FOUND: "look whether the runbook names it rightly, and in the right subscription and group",
        ErrorType.NO_CAPACITY: "ask for another size or place, or have the quota raised, then say retry",
        ErrorType.BAD_SETTINGS: "correct the runbook",
        ErrorType.WRONG_STATE: "look at it",
    }.get(kind)
    return f"{said}; {advice}." if advice else f"{said}."


def _of_silence(error: Exception, asked: str) -> StepError | None:
    """The error that azure-core's own exception is, by its name; None when it is neither the way nor credentials."""
    name = type(error).__name__
    if name in {
        "ServiceResponseTimeoutError",
        "ServiceRequestTimeoutError",
        "ServerTimeoutError",
        "SocketTimeoutError",
    }:
        return StepError(ErrorType.TIMED_OUT, f"Azure did not answer {asked} in time: it is looked at again.")
    if name in {"CredentialUnavailableError", "ClientAuthenticationError"} or "AZURE_TOKEN_CREDENTIALS" in str(error):
        why = " ".join(str(error).split()).split(" To mitigate")[0][:300].rstrip(".")
        sentence = f"This worker has no Azure credentials for {asked} ({why}): set AZURE_TOKEN_CREDENTIALS, and those."
        return StepError(ErrorType.DENIED, sentence)
    if name in {
        "ServiceRequestError",
        "ServiceResponseError",
        "IncompleteReadError",
        "HttpResponseError",
        "ClientConnectionError",
        "ConnectionResetError",
        "DecodeError",
    }:
        return StepError(ErrorType.UNREACHABLE, f"Azure cannot be reached for {asked} ({name}).")
    if name in {"SerializationError", "ValidationError"}:
        return StepError(ErrorType.BAD_SETTINGS, f"{asked} cannot be asked: {' '.join(str(error).split())}.")
    return None
