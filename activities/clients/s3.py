"""A bucket of S3: who may write to it, and where its objects are copied to.

A bucket's policy and tags have no compare-and-set: what somebody else changes between look and change is overwritten.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
"""

import asyncio
import json
from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, epoch_in
from activities.clients.aws import Answer, Aws
from activities.clients.policy import Mark, fenced, lifted, mark_in, unless, written
from activities.errors import StepError
from runbooks.aws.s3 import S3Settings
from runbooks.steps import ErrorType

SEES = ("s3:GetBucketPolicy", "s3:GetBucketTagging", "s3:GetReplicationConfiguration")
CHANGES = ("s3:PutBucketTagging", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
REPLICATES = ("s3:PutReplicationConfiguration", "iam:PassRole")

_WRITES = (
    "s3:DeleteObject",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersion",
    "s3:DeleteObjectVersionTagging",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionTagging",
)
"""Replication comes in by actions of its own (s3:ReplicateObject, ...): a fence never stops it."""
_BUSY = {"OperationAborted": ErrorType.BUSY}
_ABSENT = frozenset({"NoSuchBucketPolicy", "NoSuchTagSet", "ReplicationConfigurationNotFoundError"})


class BucketView(View):
    """As S3 shows it."""

    policy: dict[str, Any] | None = None
    fence: Mark | None = None
    tags: list[dict[str, str]] = []
    tagged: int | None = None
    role: str | None = None
    """The one that S3 takes on to copy."""
    rules: list[dict[str, Any]] = []

    @property
    def newest(self) -> int | None:
        """The newest decision that it has kept."""
        kept = (self.tagged, None if self.fence is None else self.fence.epoch)
        return max((one for one in kept if one is not None), default=None)

    @property
    def copies(self) -> dict[str, bool]:
        """The buckets that its rules lead to, and whether one of them is enabled."""
        found: dict[str, bool] = {}
        for rule in self.rules:
            bucket = rule["Destination"]["Bucket"].rpartition(":")[2]
            found[bucket] = found.get(bucket, False) or rule["Status"] == "Enabled"
        return found

    def lacks(self, buckets: tuple[str, ...]) -> tuple[str, ...]:
        """Those that get no copies."""
        return tuple(bucket for bucket in buckets if not self.copies.get(bucket))


def arn_of(settings: S3Settings, bucket: str | None = None) -> str:
    """The bucket's, or another one's in the same partition."""
    partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
    start = next((start for start in partition if settings.aws_region.startswith(f"{start}-")), "")
    return f"arn:{partition.get(start, 'aws')}:s3:::{bucket or settings.bucket}"


async def read_bucket(there: Aws, settings: S3Settings) -> BucketView:
    """Look. Raises StepError."""
    policy, tags, replication = await asyncio.gather(
        _read(there, settings, "get_bucket_policy"),
        _read(there, settings, "get_bucket_tagging"),
        _read(there, settings, "get_bucket_replication"),
    )
    document = json.loads(policy["Policy"]) if policy else None
    rules = replication.get("ReplicationConfiguration", {})
    kept = tags.get("TagSet", [])
    return BucketView(
        policy=document,
        fence=mark_in(document),
        tags=kept,
        tagged=epoch_in(kept),
        role=rules.get("Role"),
        rules=rules.get("Rules", []),
    )


async def note(there: Aws, settings: S3Settings, seen: BucketView, epoch: int) -> None:
    """Keep the decision beside the user's tags, which S3 takes only all at once. Raises StepError."""
    others = [tag for tag in seen.tags if tag["Key"] != EPOCH_TAG]
    tags = {"TagSet": [*others, {"Key": EPOCH_TAG, "Value": str(epoch)}]}
    await _change(there, settings, "put_bucket_tagging", Tagging=tags)


async def shut(there: Aws, settings: S3Settings, seen: BucketView, epoch: int) -> None:
    """Deny writes. Raises StepError."""
    statement = {
        "Action": list(_WRITES),
        "Resource": f"{arn_of(settings)}/*",
        "Condition": unless(settings.exempt),
    }
    document = fenced(seen.policy, statement, epoch)
    await _change(there, settings, "put_bucket_policy", Policy=written(document))


async def unshut(there: Aws, settings: S3Settings, seen: BucketView) -> None:
    """Take Evac's statement out. Raises StepError."""
    left = lifted(seen.policy)
    if left is None:
        await _change(there, settings, "delete_bucket_policy")
    else:
        await _change(there, settings, "put_bucket_policy", Policy=written(left))


async def replicate(there: Aws, settings: S3Settings, seen: BucketView, buckets: tuple[str, ...]) -> None:
    """Have those buckets get copies: rules that lead there are enabled, missing ones are made. Raises StepError."""
    role = seen.role or settings.replication_role
    if role is None:
        sentence = (
            f"The bucket {settings.bucket} has no replication, and no role to copy its objects to "
            f"{' and '.join(buckets)}: give `replication_role`."
        )
        raise StepError(ErrorType.BAD_SETTINGS, sentence, seen.evidence())
    rules = [_enabled(rule) if _leads_to(rule) in buckets else rule for rule in seen.rules]
    known = {_leads_to(rule) for rule in rules}
    last = max((rule.get("Priority", 0) for rule in rules), default=0)
    missing = [bucket for bucket in buckets if bucket not in known]
    rules += [_rule(settings, bucket, last + number) for number, bucket in enumerate(missing, 1)]
    await _change(there, settings, "put_bucket_replication", ReplicationConfiguration={"Role": role, "Rules": rules})


def _rule(settings: S3Settings, bucket: str, priority: int) -> dict[str, Any]:
    return {
        "ID": f"evac-{bucket}",
        "Priority": priority,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": arn_of(settings, bucket), "Metrics": {"Status": "Enabled"}},
    }


def _enabled(rule: dict[str, Any]) -> dict[str, Any]:
    return {**rule, "Status": "Enabled"}


def _leads_to(rule: dict[str, Any]) -> str:
    bucket: str = rule["Destination"]["Bucket"].rpartition(":")[2]
    return bucket


async def _read(there: Aws, settings: S3Settings, operation: str) -> Answer:
    try:
        return await there.read("s3", operation, Bucket=settings.bucket)
    except StepError as error:
        if error.evidence.get("code") in _ABSENT:
            return {}
        raise


async def _change(there: Aws, settings: S3Settings, operation: str, **asked: Any) -> None:
    await there.change("s3", operation, meanings=_BUSY, Bucket=settings.bucket, **asked)
