"""What a domain's interface answers, as our errors."""

import json

import pytest

from activities.clients.opensearch_errors import of_answer
from runbooks.steps import ErrorType


def opensearch(kind: str, reason: str, status: int) -> str:
    """An error body of OpenSearch's own."""
    cause = {"type": kind, "reason": reason}
    return json.dumps({"error": {"root_cause": [cause], **cause}, "status": status})


@pytest.mark.parametrize(
    ("status", "text", "kind", "says"),
    [
        (
            403,
            '{"Message":"User: arn:aws:sts::1:assumed-role/evac/run is not authorized to perform: es:ESHttpPut"}',
            ErrorType.DENIED,
            "AWS denies es:ESHttpPut",
        ),
        (403, '{"message":"The security token included in the request is expired"}', ErrorType.DENIED, "have expired"),
        (403, '{"message":"The request signature we calculated does not match"}', ErrorType.DENIED, "does not know"),
        (401, "Unauthorized", ErrorType.DENIED, "es:ESHttpGet"),
        (429, '{"message":"Too Many Requests"}', ErrorType.BUSY, "TooManyRequestsException"),
        (504, "", ErrorType.UNREACHABLE, "GatewayTimeout"),
        (404, opensearch("index_not_found_exception", "no such index [x]", 404), ErrorType.NOT_FOUND, "no such index"),
        (
            403,
            opensearch("security_exception", "no permissions for [x]", 403),
            ErrorType.DENIED,
            "map this worker's role",
        ),
        (
            403,
            opensearch("cluster_block_exception", "blocked by", 403),
            ErrorType.WRONG_STATE,
            "blocked by; look at it.",
        ),
        (429, opensearch("rejected_execution_exception", "full", 429), ErrorType.BUSY, "full"),
        (500, opensearch("replication_exception", "failed", 500), ErrorType.UNREACHABLE, "failed"),
        (400, opensearch("illegal_state_exception", "no", 400), ErrorType.WRONG_STATE, "no"),
    ],
)
def test_by_what_it_means(status: int, text: str, kind: ErrorType, says: str) -> None:
    """AWS's door has no codes, and OpenSearch behind it has types."""
    error = of_answer(status, text, "es:ESHttpGet")
    assert (error.kind, says in error.sentence) == (kind, True), error.sentence
    assert error.sentence.endswith(".")
