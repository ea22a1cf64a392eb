"""What AWS and its client say when something goes wrong, as our errors. Nothing of boto3 is imported to read it.

StepError    DENIED (credentials, or the missing permission by its name), BUSY (throttled, or something is in progress),
             NOT_FOUND, WRONG_STATE, NO_CAPACITY, BAD_SETTINGS; UNREACHABLE and TIMED_OUT when nobody answered
"""

import re
from collections.abc import Mapping
from typing import Any

from activities.errors import StepError
from runbooks.steps import ErrorType

THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""The codes that botocore itself takes for throttling: nothing was done."""

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_REFUSED = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "NotAuthorized",
        "OptInRequired",
        "SignatureDoesNotMatch",
        "UnauthorizedException",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
_PERMISSION = re.compile(r"perform:?\s+`?([A-Za-z0-9-]+:[A-Za-z0-9]+)")
_CAPACITY = re.compile(r"Insufficient|QuotaExceeded|LimitExceeded|CapacityExceeded|MaxSpotInstanceCount|OutOfCapacity")
_ABSENT = re.compile(r"NotFound|NoSuch|DoesNotExist|ResourceNotFound|NotExist")
_IN_PROGRESS = re.compile(
    r"InProgress|ResourceInUse|ResourceContention|ConcurrentModification|Conflict|OperationAborted|PreconditionFailed"
)
_MALFORMED = re.compile(r"^(Validation|InvalidParameter|InvalidInput|Malformed|MissingParameter|InvalidArgument)")
_STATE = re.compile(r"State|Status|Fault$")
_SERVER = 500


def of_exception(error: Exception, asked: str, meanings: Mapping[str, ErrorType]) -> StepError | None:
    """The error that whatever botocore raises is; None when it is neither an answer, nor the way, nor credentials."""
    answer = getattr(error, "response", None)
    if isinstance(answer, dict) and "Error" in answer:
        return of_answer(answer, asked, meanings)
    return of_silence(error, asked)


def of_answer(answer: Mapping[str, Any], asked: str, meanings: Mapping[str, ErrorType]) -> StepError:
    """The error that an answer with an error in it is. `asked`: `rds:PromoteReadReplica`; `meanings`: codes by hand."""
    error = answer.get("Error", {})
    code, message = str(error.get("Code", "unknown")), str(error.get("Message", "")).strip().rstrip(".")
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    kind = meanings.get(code) or _kind(code, status)
    evidence = {"code": code, "asked": asked, "request": answer.get("ResponseMetadata", {}).get("RequestId")}
    return StepError(kind, _sentence(kind, code, message, asked), evidence)


def _kind(code: str, status: int) -> ErrorType:
    if code in THROTTLED:
        return ErrorType.BUSY
    if code in _EXPIRED or code in _REFUSED or code.startswith("AccessDenied"):
        return ErrorType.DENIED
    if _CAPACITY.search(code):
        return ErrorType.NO_CAPACITY
    if _ABSENT.search(code) or status == 404:  # noqa: PLR2004 - HTTP's own number
        return ErrorType.NOT_FOUND
    if _IN_PROGRESS.search(code):  # some of them come with HTTP 500
        return ErrorType.BUSY
    if status >= _SERVER:
        return ErrorType.UNREACHABLE
    if _MALFORMED.search(code):
        return ErrorType.BAD_SETTINGS
    if _STATE.search(code):
        return ErrorType.WRONG_STATE
    return ErrorType.WRONG_STATE


def _sentence(kind: ErrorType, code: str, message: str, asked: str) -> str:
    said = f"AWS answers {code} to {asked}" + (f": {message}" if message else "")
    if kind is ErrorType.DENIED:
        if code in _EXPIRED:
            return f"The AWS credentials of this worker have expired ({asked}): renew them, then say retry."
        if code in _REFUSED and not _PERMISSION.search(message):
            return f"AWS does not know the credentials of this worker ({code} to {asked}): give it others."
        found = _PERMISSION.search(message)
        return f"AWS denies {found[1] if found else asked}: give this worker's role that permission, then say retry."
    advice = {
        ErrorType.BUSY: "it is tried again",
        ErrorType.NOT_FOUND: "look whether the runbook names it rightly, and in the right region",
        ErrorType.NO_CAPACITY: "ask for another size or place, or have the quota raised, then say retry",
        ErrorType.BAD_SETTINGS: "correct the runbook",
        ErrorType.WRONG_STATE: "look at it",
    }.get(kind)
    return f"{said}; {advice}." if advice else f"{said}."


def of_silence(error: Exception, asked: str) -> StepError | None:
    """The error that botocore's own exception is, by its name; None when it is neither the way nor credentials."""
    name = type(error).__name__
    if name == "ReadTimeoutError":
        return StepError(ErrorType.TIMED_OUT, f"AWS took {asked}, and did not answer in time: it is looked at again.")
    if name in {
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "ConnectionError",
        "EndpointConnectionError",
        "HTTPClientError",
        "IncompleteReadError",
        "ProxyConnectionError",
        "ResponseStreamingError",
        "SSLError",
    }:
        return StepError(ErrorType.UNREACHABLE, f"AWS cannot be reached for {asked} ({name}).")
    if name in {"ParamValidationError", "InvalidRegionError", "ProfileNotFound", "UnknownServiceError"}:
        return StepError(ErrorType.BAD_SETTINGS, f"{asked} cannot be asked: {' '.join(str(error).split())}.")
    if name in {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "TokenRetrievalError"}:
        sentence = f"This worker has no AWS credentials for {asked}: give it some (environment, profile or a role)."
        return StepError(ErrorType.DENIED, sentence)
    return None
