"""Sessions of boto3 that share what costs time, and nothing else."""

import boto3
import pytest
from botocore.exceptions import ParamValidationError

from activities.clients.aws_session import session
from tests.aws.world import HERE

GIVEN = {"region_name": HERE, "aws_access_key_id": "AKIATEST", "aws_secret_access_key": "made-up"}


@pytest.mark.parametrize("service", ["s3", "ec2", "rds", "dynamodb"])
def test_a_client_is_the_same_as_boto3s_own(service: str) -> None:
    """All that botocore and boto3 add to one by their handlers is there."""
    own = boto3.Session(**GIVEN).client(service)
    assert dir(own) == dir(session(**GIVEN).client(service))


def test_botocores_handlers_are_at_work() -> None:
    """What it refuses before anything is sent is refused for the second session as for the first."""
    for _ in range(2):
        with pytest.raises(ParamValidationError, match="Invalid bucket name"):
            session(**GIVEN).client("s3").head_bucket(Bucket="no bucket")


def test_what_one_session_hears_another_does_not() -> None:
    """The handlers are copied: one more of a session's own is nobody else's."""
    heard: list[str] = []
    one, other = session(**GIVEN), session(**GIVEN)
    one.events.register("evac.said", lambda **_: heard.append("one"))
    other.events.emit("evac.said")
    assert heard == []
    one.events.emit("evac.said")
    assert heard == ["one"]
    session(**GIVEN).events.emit("evac.said")
    assert heard == ["one"]
