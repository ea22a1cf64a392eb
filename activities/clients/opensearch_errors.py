"""What a domain's own interface answers when something goes wrong, as our errors.

AWS's door says `{"Message": ...}`, OpenSearch behind it `{"error": {"type": ..., "reason": ...}, "status": ...}`.
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/handling-errors.html
"""

import json
from http import HTTPStatus
from typing import Any

from pydantic import JsonValue

from activities.clients import aws_errors
from activities.errors import StepError
from runbooks.steps import ErrorType

THROTTLED = int(HTTPStatus.TOO_MANY_REQUESTS)

_KINDS = {
    "cluster_block_exception": ErrorType.WRONG_STATE,
    "illegal_argument_exception": ErrorType.WRONG_STATE,
    "index_not_found_exception": ErrorType.NOT_FOUND,
    "no_such_remote_cluster_exception": ErrorType.NOT_YET,
    "resource_already_exists_exception": ErrorType.CONFLICT,
    "security_exception": ErrorType.DENIED,
}
_DENIALS = (
    ("expired", "ExpiredTokenException"),
    ("signature", "InvalidSignatureException"),
    ("Credential", "InvalidSignatureException"),
    ("security token", "UnrecognizedClientException"),
)
"""By what AWS's door says: codes it gives none."""


def of_answer(status: int, text: str, asked: str) -> StepError:
    """The error that an answer is. `asked`: `es:ESHttpGet`."""
    said = _parsed(text)
    error = said.get("error")
    if isinstance(error, dict):
        return _of_opensearch(status, error, asked)
    message = str(said.get("Message") or said.get("message") or "").strip()
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        code = next((code for word, code in _DENIALS if word in message), "AccessDeniedException")
        return _of_door(status, code, message, asked)
    if status == THROTTLED:
        return _of_door(status, "TooManyRequestsException", message, asked)
    return _of_door(status, HTTPStatus(status).phrase.replace(" ", ""), message, asked)


def _parsed(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _of_door(status: int, code: str, message: str, asked: str) -> StepError:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error = aws_errors.of_answer(answer, asked, {})
    return StepError(error.kind, error.sentence, {**error.evidence, "status": status})


def _of_opensearch(status: int, error: dict[str, Any], asked: str) -> StepError:
    code, reason = str(error.get("type", "unknown")), str(error.get("reason", "")).rstrip(".")
    kind = _KINDS.get(code)
    if status == THROTTLED:
        kind = ErrorType.BUSY
    elif kind is None:
        kind = ErrorType.UNREACHABLE if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ErrorType.WRONG_STATE
    advice = {
        ErrorType.DENIED: "; map this worker's role to one of OpenSearch that may, then say retry",
        ErrorType.NOT_FOUND: "; look whether the runbook names it rightly",
        ErrorType.WRONG_STATE: "; look at it",
    }.get(kind, "")
    evidence: dict[str, JsonValue] = {"code": code, "status": status, "asked": asked}
    return StepError(kind, f"OpenSearch answers {code} to {asked}: {reason}{advice}.", evidence)
