"""What Terraform's errors mean: the words of its core, of its backends and of the large providers."""

import re
from collections.abc import Sequence

from activities.clients.terraform_events import Diagnostic
from activities.errors import StepError
from runbooks.steps import ErrorType

_MEANINGS: tuple[tuple[ErrorType, str], ...] = (
    (ErrorType.BUSY, r"Error acquiring the state lock|state blob is already locked"),
    (
        ErrorType.CONFLICT,
        r"Saved plan is stale|state snapshot was created by another operation",
    ),
    (ErrorType.BUSY, r"Throttl|Rate exceeded|RequestLimitExceeded|TooManyRequests|SlowDown|StatusCode[=:] ?429"),
    (
        ErrorType.NO_CAPACITY,
        (
            r"InsufficientInstanceCapacity|InsufficientCapacity|VcpuLimitExceeded|LimitExceeded\b|QuotaExceeded|"
            r"ServiceQuotaExceeded|SkuNotAvailable|AllocationFailed|ZONE_RESOURCE_POOL_EXHAUSTED|quota.{0,40}exceeded"
        ),
    ),
    (
        ErrorType.DENIED,
        (
            r"AccessDenied|Access Denied|UnauthorizedOperation|not authorized|AuthFailure|InvalidClientTokenId|"
            r"ExpiredToken|SignatureDoesNotMatch|No valid credential sources|NoCredentialProviders|AuthorizationFailed|"
            r"could not find default credentials|unable to build authorizer|AADSTS\d+|PERMISSION_DENIED|"
            r"StatusCode[=:] ?40[13]|Error 40[13]|Unauthorized|Forbidden|failed to refresh cached credentials"
        ),
    ),
    (
        ErrorType.UNREACHABLE,
        (
            r"no such host|connection refused|connection reset|i/o timeout|TLS handshake|context deadline exceeded|"
            r"request send failed|dial tcp|StatusCode[=:] ?50[0234]|ServiceUnavailable|EOF\b|"
            r"use of closed network connection|broken pipe"
        ),
    ),
    (
        ErrorType.NOT_FOUND,
        r"cannot be started|NoSuchBucket|bucket does not exist|Workspace .{1,90} doesn't exist|ContainerNotFound",
    ),
    (ErrorType.NOT_YET, r"timeout while waiting|waiting for .{1,200}timed? ?out|unexpected state .{1,80}wanted target"),
    (
        ErrorType.BAD_SETTINGS,
        (
            r"No value for required variable|Invalid value for (input )?variable|Unsupported (argument|block)|"
            r"Missing required argument|Invalid (reference|expression|backend|function|provider|template)|"
            r"Reference to undeclared|Failed to (install|query available) provider|Could not load plugin|"
            r"Could not retrieve the list|Inconsistent dependency lock|Unsupported Terraform Core|"
            r"Module not installed|Unreadable module|Failed to read variables file|"
            r"Argument or block definition|Variables not allowed|Duplicate "
        ),
    ),
)
_CALL = re.compile(r"operation error (?P<service>[A-Za-z0-9 ]+): (?P<operation>[A-Za-z0-9]+)")
_PERMISSIONS = {"HeadObject": "GetObject", "HeadBucket": "ListBucket", "ListObjectsV2": "ListBucket"}
_LOCK = re.compile(r"^\s*(ID|Who|Created|Operation|Path):\s*(\S.*?)\s*$", re.MULTILINE)
_LONGEST = 900
_ADVICE = {
    ErrorType.BAD_SETTINGS: "Correct the configuration, or the settings in the runbook.",
    ErrorType.DENIED: "Give the worker's credentials what Terraform asks for, or renew them.",
    ErrorType.NO_CAPACITY: "Ask for other instance types or zones, or for a larger quota; then retry.",
    ErrorType.NOT_FOUND: "Look whether the runbook names it rightly.",
    ErrorType.CONFLICT: "It is planned anew.",
    ErrorType.UNREACHABLE: "Look whether the worker reaches it.",
}


def error_of(what: str, found: Sequence[Diagnostic], rest: str = "") -> StepError:
    """The failure of a command (`terraform apply`): its first errors, classified. `rest` is its other output."""
    told = "; ".join(str(one) for one in found[:3]) or rest.strip() or "it said nothing"
    kind = meaning(told)
    lock = dict(_LOCK.findall(told)) if "lock" in told.lower() else {}
    if kind is ErrorType.BUSY and lock:
        return _locked(what, lock)
    words = " ".join(_plain(told).split())
    words = words if len(words) <= _LONGEST else f"{words[:_LONGEST]} ..."
    return StepError(
        kind,
        f"{what} failed: {words.rstrip('.')}.{_missing(kind, told)} {_ADVICE.get(kind, 'Look at it, then retry.')}",
        {"errors": [_plain(str(one))[:_LONGEST] for one in found[:10]]},
    )


def meaning(told: str) -> ErrorType:
    """What the words mean; a person must look at what is not known."""
    for kind, pattern in _MEANINGS:
        if re.search(pattern, told, re.IGNORECASE | re.DOTALL):
            return kind
    return ErrorType.WRONG_STATE


def _locked(what: str, lock: dict[str, str]) -> StepError:
    who, since = lock.get("Who", "somebody"), lock.get("Created", "an unknown time")
    doing = lock.get("Operation", "").removeprefix("OperationType").lower() or "something"
    number = lock.get("ID", "unknown")
    return StepError(
        ErrorType.BUSY,
        f"{what} must wait: the state is locked by {who} for {doing} since {since} (lock {number}). It is never "
        f"unlocked by force here: if nothing runs there any more, `terraform force-unlock {number}` is for a person.",
        {"lock": dict(lock)},
    )


def _missing(kind: ErrorType, told: str) -> str:
    """The permission that a call of AWS needed, in IAM's words."""
    call = _CALL.search(told)
    if kind is not ErrorType.DENIED or call is None:
        return ""
    operation = _PERMISSIONS.get(call["operation"], call["operation"])
    return f" The call needs `{call['service'].lower().replace(' ', '')}:{operation}`."


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m|[│╷╵]", "", text)
