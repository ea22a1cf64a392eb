"""What the API server of Kubernetes and its client say when something goes wrong, as our errors.

StepError    DENIED (credentials, or the missing right by its name), CONFLICT (somebody else has changed it), BUSY,
             NOT_FOUND, BAD_SETTINGS, WRONG_STATE; UNREACHABLE and TIMED_OUT when nobody answered

https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

import json
from typing import Any

import aiohttp
from pydantic import JsonValue

from activities.errors import StepError
from runbooks.steps import ErrorType

_KINDS = {
    400: ErrorType.BAD_SETTINGS,
    401: ErrorType.DENIED,
    403: ErrorType.DENIED,
    404: ErrorType.NOT_FOUND,
    405: ErrorType.BAD_SETTINGS,
    409: ErrorType.CONFLICT,
    415: ErrorType.BAD_SETTINGS,
    422: ErrorType.BAD_SETTINGS,
    429: ErrorType.BUSY,
}
_ADVICE = {
    ErrorType.BAD_SETTINGS: "correct the runbook",
    ErrorType.BUSY: "it is tried again",
    ErrorType.CONFLICT: "it is looked at again",
    ErrorType.NOT_FOUND: "look whether the runbook names it rightly, and in the right cluster",
    ErrorType.WRONG_STATE: "look at it",
}
_UNKNOWN_USER, _THROTTLED, _SERVER = 401, 429, 500


def of_error(error: Exception, asked: str) -> StepError | None:
    """The error that the client's exception is; None when it is no answer and not the way. `asked`: `GET /apis/...`."""
    status = getattr(error, "status", None)
    if isinstance(error, aiohttp.ClientError):
        return _of_the_way(error, asked)
    if not isinstance(status, int):
        return None
    message = _message(error).rstrip(".")
    evidence: dict[str, JsonValue] = {"status": status, "asked": asked}
    if status >= _SERVER:
        return StepError(ErrorType.UNREACHABLE, f"The cluster answers HTTP {status} to {asked}: {message}.", evidence)
    kind = _KINDS.get(status, ErrorType.WRONG_STATE)
    if status == _UNKNOWN_USER:
        sentence = f"The cluster does not accept this worker's credentials ({asked}): they are wrong or have expired."
        return StepError(kind, f"{sentence} Renew them, then say retry.", evidence)
    if kind is ErrorType.DENIED:
        sentence = f"The cluster denies {asked}: {message}. Give this worker that right by RBAC, then say retry."
        return StepError(kind, sentence, evidence)
    return StepError(kind, f"The cluster answers HTTP {status} to {asked}: {message}; {_ADVICE[kind]}.", evidence)


def wait_of(error: Exception) -> float | None:
    """So long the server wants to be left alone, having done nothing; None: this is no such answer."""
    if getattr(error, "status", None) != _THROTTLED:
        return None
    headers: Any = getattr(error, "headers", None) or {}
    said = str(headers.get("Retry-After", "1"))
    return float(said) if said.isdecimal() else 1.0


def _of_the_way(error: aiohttp.ClientError, asked: str) -> StepError:
    if isinstance(error, aiohttp.ServerTimeoutError):
        return silent(asked)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        sentence = f"The certificate of the cluster cannot be trusted for {asked}: check the runbook's `ca`."
        return StepError(ErrorType.BAD_SETTINGS, sentence)
    return StepError(ErrorType.UNREACHABLE, f"The cluster cannot be reached for {asked} ({type(error).__name__}).")


def silent(asked: str) -> StepError:
    """Nobody has answered; it may have been done."""
    return StepError(ErrorType.TIMED_OUT, f"The cluster gave no answer to {asked} in time: it is looked at again.")


def _message(error: Exception) -> str:
    """The sentence of the `Status` that the server answers with."""
    body = getattr(error, "body", None)
    try:
        return str(json.loads(body or "")["message"])
    except (ValueError, KeyError, TypeError):
        return str(getattr(error, "reason", None) or "no reason given")
