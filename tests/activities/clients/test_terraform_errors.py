"""What Terraform's errors mean, in its own words."""

import pytest

from activities.clients.terraform_errors import error_of
from activities.clients.terraform_events import Diagnostic, errors_in
from runbooks.steps import ErrorType

_LOCKED = """Error message: operation error S3: PutObject, https response error StatusCode: 412
Lock Info:
  ID:        1f6e0c2b-7b42-9c0e-5a4e-cd1f0d3f0f3a
  Path:      bucket/llm.tfstate
  Operation: OperationTypeApply
  Who:       ann@laptop
  Version:   1.11.4
  Created:   2026-11-29 14:07:38.5 +0000 UTC
  Info:
"""


@pytest.mark.parametrize(
    ("summary", "detail", "kind"),
    [
        ("Saved plan is stale", "The given plan file can no longer be applied", ErrorType.CONFLICT),
        ("creating EC2 Instance", "api error InsufficientInstanceCapacity: no p5", ErrorType.NO_CAPACITY),
        (
            "creating VM",
            "Code=QuotaExceeded Operation results in exceeding approved Total Cores",
            ErrorType.NO_CAPACITY,
        ),
        ("reading ASG", "api error Throttling: Rate exceeded", ErrorType.BUSY),
        ("reading EC2", "api error RequestLimitExceeded: slow down", ErrorType.BUSY),
        ("No valid credential sources found", "failed to refresh cached credentials", ErrorType.DENIED),
        ("creating ASG", "api error AccessDenied: not authorized", ErrorType.DENIED),
        ("Error 403: Compute Engine API", "PERMISSION_DENIED", ErrorType.DENIED),
        ("Failed to get existing workspaces", "S3 bucket does not exist", ErrorType.NOT_FOUND),
        ("reading", "dial tcp: lookup ec2.eu-west-1.amazonaws.com: no such host", ErrorType.UNREACHABLE),
        (
            "Retrieving AWS account details",
            "STS: GetCallerIdentity, StatusCode: 200, decomposing response: read: use of closed network connection",
            ErrorType.UNREACHABLE,
        ),
        ("waiting for Auto Scaling Group capacity satisfied", "timeout while waiting for state", ErrorType.NOT_YET),
        ("No value for required variable", "", ErrorType.BAD_SETTINGS),
        ("The moon is in the wrong house", "", ErrorType.WRONG_STATE),
    ],
)
def test_errors_are_classified(summary: str, detail: str, kind: ErrorType) -> None:
    """Each by its words; what is not known is for a person."""
    error = error_of("`terraform apply` of infra", [Diagnostic(summary, detail, "aws_x.y")])
    assert error.kind is kind
    assert error.sentence.startswith(f"`terraform apply` of infra failed: aws_x.y: {summary}")
    assert error.sentence.endswith(".")


def test_a_lock_names_its_holder() -> None:
    """Who, for what, since when, and how a person would end it."""
    error = error_of("`terraform apply` of infra", [Diagnostic("Error acquiring the state lock", _LOCKED)])
    assert error.kind is ErrorType.BUSY
    assert error.sentence == (
        "`terraform apply` of infra must wait: the state is locked by ann@laptop for apply since 2026-11-29 14:07:38.5 "
        "+0000 UTC (lock 1f6e0c2b-7b42-9c0e-5a4e-cd1f0d3f0f3a). It is never unlocked by force here: if nothing runs "
        "there any more, `terraform force-unlock 1f6e0c2b-7b42-9c0e-5a4e-cd1f0d3f0f3a` is for a person."
    )


def test_a_denied_call_of_aws_names_its_permission() -> None:
    """In IAM's words."""
    detail = "operation error Auto Scaling: UpdateAutoScalingGroup, StatusCode: 403, api error AccessDenied"
    error = error_of("`terraform apply` of infra", [Diagnostic("updating", detail)])
    assert "The call needs `autoscaling:UpdateAutoScalingGroup`." in error.sentence


def test_what_is_no_event_is_passed_over() -> None:
    """`init` writes plain lines between its events."""
    output = (
        'Successfully configured\n{"broken\n[]\n{"type":"diagnostic","diagnostic":{"severity":"error","summary":"x"}}'
    )
    assert errors_in(output) == [Diagnostic("x")]
