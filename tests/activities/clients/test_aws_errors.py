"""What AWS's error codes mean to a step, and what botocore's own exceptions do."""

import pytest

from activities.clients.aws_errors import of_answer, of_silence
from runbooks.steps import ErrorType


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottlingException", 400, ErrorType.BUSY),
        ("RequestLimitExceeded", 503, ErrorType.BUSY),
        ("TooManyRequestsException", 429, ErrorType.BUSY),
        ("SlowDown", 503, ErrorType.BUSY),
        ("AccessDenied", 403, ErrorType.DENIED),
        ("AccessDeniedException", 400, ErrorType.DENIED),
        ("UnauthorizedOperation", 403, ErrorType.DENIED),
        ("ExpiredToken", 403, ErrorType.DENIED),
        ("ExpiredTokenException", 400, ErrorType.DENIED),
        ("InvalidClientTokenId", 403, ErrorType.DENIED),
        ("UnrecognizedClientException", 400, ErrorType.DENIED),
        ("InsufficientInstanceCapacity", 500, ErrorType.NO_CAPACITY),
        ("ServiceQuotaExceededException", 402, ErrorType.NO_CAPACITY),
        ("InstanceLimitExceeded", 400, ErrorType.NO_CAPACITY),
        ("DBInstanceNotFound", 404, ErrorType.NOT_FOUND),
        ("NoSuchBucket", 404, ErrorType.NOT_FOUND),
        ("StateMachineDoesNotExist", 400, ErrorType.NOT_FOUND),
        ("ResourceNotFoundException", 400, ErrorType.NOT_FOUND),
        ("InternalFailure", 500, ErrorType.UNREACHABLE),
        ("ServiceUnavailable", 503, ErrorType.UNREACHABLE),
        ("ResourceInUseException", 400, ErrorType.BUSY),
        ("ConcurrentModification", 400, ErrorType.BUSY),
        ("ResourceContention", 500, ErrorType.BUSY),
        ("ScalingActivityInProgress", 400, ErrorType.BUSY),
        ("ValidationError", 400, ErrorType.BAD_SETTINGS),
        ("InvalidParameterValue", 400, ErrorType.BAD_SETTINGS),
        ("InvalidDBInstanceState", 400, ErrorType.WRONG_STATE),
        ("IllegalStateException", 400, ErrorType.WRONG_STATE),
        ("NobodyHasEverSeenThis", 400, ErrorType.WRONG_STATE),
    ],
)
def test_codes(code: str, status: int, kind: ErrorType) -> None:
    """Each has one meaning; what nobody knows is final, and a person looks."""
    answer = {"Error": {"Code": code, "Message": "it says so."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error = of_answer(answer, "rds:PromoteReadReplica", {})
    assert error.kind is kind
    assert error.sentence.endswith(".")
    assert error.evidence["code"] == code


def test_a_service_may_mean_something_else() -> None:
    """Whoever asks says so."""
    answer = {"Error": {"Code": "InvalidDocument"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    assert of_answer(answer, "ssm:SendCommand", {"InvalidDocument": ErrorType.NOT_FOUND}).kind is ErrorType.NOT_FOUND


@pytest.mark.parametrize(
    ("code", "message", "sentence"),
    [
        (
            "AccessDenied",
            "User: arn:aws:iam::1:user/u is not authorized to perform: rds:DescribeDBInstances on resource: x",
            "AWS denies rds:DescribeDBInstances: give this worker's role that permission, then say retry.",
        ),
        (
            "AccessDenied",
            "Access Denied",
            "AWS denies rds:PromoteReadReplica: give this worker's role that permission, then say retry.",
        ),
        (
            "ExpiredToken",
            "The security token included in the request is expired",
            "The AWS credentials of this worker have expired (rds:PromoteReadReplica): renew them, then say retry.",
        ),
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
            (
                "AWS does not know the credentials of this worker (InvalidClientTokenId to rds:PromoteReadReplica): "
                "give it others."
            ),
        ),
    ],
)
def test_credentials_and_permissions(code: str, message: str, sentence: str) -> None:
    """Three different things to do."""
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    assert of_answer(answer, "rds:PromoteReadReplica", {}).sentence == sentence


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ReadTimeoutError", ErrorType.TIMED_OUT),
        ("ConnectTimeoutError", ErrorType.UNREACHABLE),
        ("EndpointConnectionError", ErrorType.UNREACHABLE),
        ("ConnectionClosedError", ErrorType.UNREACHABLE),
        ("SSLError", ErrorType.UNREACHABLE),
        ("ParamValidationError", ErrorType.BAD_SETTINGS),
        ("ProfileNotFound", ErrorType.BAD_SETTINGS),
        ("NoCredentialsError", ErrorType.DENIED),
        ("ValueError", None),
    ],
)
def test_what_botocore_raises_itself(name: str, kind: ErrorType | None) -> None:
    """Known by its name, since botocore is not imported for it; anything else is a fault of ours and stays one."""
    error = of_silence(type(name, (Exception,), {})("why"), "rds:PromoteReadReplica")
    assert (error.kind if error else None) is kind
