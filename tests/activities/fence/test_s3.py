"""`fence.s3`: what the conformance suite does not try."""

from tests.activities.calls import EPOCH, perform
from tests.aws.world import HERE, World
from tests.conformance.specimens.s3 import policy_of, settings_of, stand_buckets


async def test_it_denies_writes_and_lets_copies_in(aws: World) -> None:
    """The user's statements stay as they are; ours denies no action of replication."""
    stand_buckets(aws, "models")
    before = policy_of(aws, "models", HERE)
    repair = "arn:aws:iam::123456789012:role/repair"
    await perform("fence.s3", settings_of(aws, "models", HERE, exempt=[repair]), within=10.0)
    policy = policy_of(aws, "models", HERE)
    kept, fence = policy["Statement"]
    assert {**policy, "Statement": [kept]} == before
    assert fence.pop("Sid").startswith(f"EvacFence{EPOCH}At")
    assert fence == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": [
            "s3:DeleteObject",
            "s3:DeleteObjectTagging",
            "s3:DeleteObjectVersion",
            "s3:DeleteObjectVersionTagging",
            "s3:PutObject",
            "s3:PutObjectAcl",
            "s3:PutObjectTagging",
            "s3:PutObjectVersionAcl",
            "s3:PutObjectVersionTagging",
        ],
        "Resource": "arn:aws:s3:::models-here/*",
        "Condition": {
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            "ArnNotLike": {"aws:PrincipalArn": [repair]},
        },
    }


async def test_a_bucket_without_a_policy_has_none_again(aws: World) -> None:
    """The undo deletes the policy when there is nothing in it but ours."""
    stand_buckets(aws, "models")
    aws.client("s3", HERE).delete_bucket_policy(Bucket="models-here")
    settings = settings_of(aws, "models", HERE)
    done = await perform("fence.s3", settings, within=10.0)
    assert policy_of(aws, "models", HERE) is not None
    await perform("fence.s3.undo", settings, before=done.before, within=10.0)
    assert policy_of(aws, "models", HERE) is None
