"""Two buckets of S3, copied to one another: moto has them and their policies, `FakeReplication` their rules."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from tests.activities.calls import EPOCH
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimen import OnAws, Settings

ROLE = "arn:aws:iam::123456789012:role/copies"
TAGS = [{"Key": "team", "Value": "search"}]


def stand_buckets(aws: World, name: str, fenced: str | None = THERE, *, copied: bool = True) -> None:
    """One in each region, with a policy and tags of the user's; the fenced one denies writes by an older decision."""
    for region, bucket in buckets(name).items():
        s3 = aws.client("s3", region)
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **place)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": TAGS})
        fence = [_fence(bucket)] if region == fenced else []
        policy = {"Version": "2012-10-17", "Statement": [_users(bucket), *fence]}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    if copied:
        for region, bucket in buckets(name).items():
            other = next(one for one in buckets(name).values() if one != bucket)
            rules = {"Role": ROLE, "Rules": [rule(other)]}
            aws.client("s3", region).put_bucket_replication(Bucket=bucket, ReplicationConfiguration=rules)


def buckets(name: str) -> dict[str, str]:
    """By region."""
    return {HERE: f"{name}-here", THERE: f"{name}-there"}


def settings_of(aws: World, name: str, region: str, **more: Any) -> Settings:
    """Of the bucket in that region, which the other one is to get copies of."""
    other = next(bucket for at, bucket in buckets(name).items() if at != region)
    return aws.settings(region, bucket=buckets(name)[region], replicas=[other], replication_role=ROLE, **more)


def rule(destination: str, **more: Any) -> dict[str, Any]:
    """As the user has made it."""
    return {
        "ID": f"to-{destination}",
        "Priority": 5,
        "Status": "Enabled",
        "Filter": {"Prefix": "models/"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{destination}", "Metrics": {"Status": "Enabled"}},
        **more,
    }


def pending(aws: World, name: str, source: str, operations: int, *, age: float = 65.0) -> None:
    """So many operations were pending from there, as CloudWatch knows in that region."""
    both = buckets(name)
    other = next(bucket for region, bucket in both.items() if region != source)
    series = {"SourceBucket": both[source], "DestinationBucket": other, "RuleId": f"to-{other}"}
    values = {
        "OperationsPendingReplication": operations,
        "BytesPendingReplication": operations * 2**20,
        "ReplicationLatency": 2,
    }
    points = [
        {
            "MetricName": metric,
            "Dimensions": [{"Name": key, "Value": value} for key, value in series.items()],
            "Timestamp": datetime.now(UTC) - timedelta(seconds=age),
            "Value": value,
        }
        for metric, value in values.items()
    ]
    aws.client("cloudwatch", source).put_metric_data(Namespace="AWS/S3", MetricData=points)


def policy_of(aws: World, name: str, region: str) -> Any:
    """As S3 shows it; None: there is none."""
    try:
        return json.loads(aws.client("s3", region).get_bucket_policy(Bucket=buckets(name)[region])["Policy"])
    except ClientError:
        return None


def rules_of(aws: World, name: str, region: str) -> Any:
    """As S3 shows them; None: there are none."""
    try:
        shown = aws.client("s3", region).get_bucket_replication(Bucket=buckets(name)[region])
    except ClientError:
        return None
    return shown["ReplicationConfiguration"]["Rules"]


def age_fence(aws: World, name: str, region: str) -> None:
    """Evac's fence there was set five minutes ago: no test waits for CloudWatch."""
    shown = json.dumps(policy_of(aws, name, region))
    older = re.sub(r"At(\d+)", lambda found: f"At{int(found[1]) - 300}", shown)
    aws.client("s3", region).put_bucket_policy(Bucket=buckets(name)[region], Policy=older)


def fences(aws: World, name: str) -> dict[str, bool]:
    """Where Evac's fence is."""
    policies = {region: policy_of(aws, name, region) for region in (HERE, THERE)}
    return {region: "EvacFence" in json.dumps(policy) for region, policy in policies.items()}


def _users(bucket: str) -> dict[str, Any]:
    account = {"AWS": "arn:aws:iam::123456789012:root"}
    resource = f"arn:aws:s3:::{bucket}/*"
    return {"Sid": "Readers", "Effect": "Allow", "Principal": account, "Action": "s3:GetObject", "Resource": resource}


def _fence(bucket: str) -> dict[str, Any]:
    sid, resource = f"EvacFence3At{int(time.time()) - 300}", f"arn:aws:s3:::{bucket}/*"
    return {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": resource}


class _Bucket(OnAws):
    there = THERE

    async def stand(self) -> Settings:
        """Written here, fenced there."""
        stand_buckets(self.aws, self.name)
        return settings_of(self.aws, self.name, self.there)

    async def effect(self) -> Any:
        """Both policies and all rules."""
        rules = [rules_of(self.aws, self.name, region) for region in (HERE, THERE)]
        return fences(self.aws, self.name), rules

    async def absent(self, settings: Settings) -> Settings:
        """Another bucket."""
        return {**settings, "bucket": "there-is-none"}


class DetectS3(_Bucket):
    """A look at the writer."""

    uses = "detect.s3"
    there = HERE

    async def spoil(self, settings: Settings) -> Settings:
        """Its rule was disabled."""
        other = buckets(self.name)[THERE]
        off = {"Role": ROLE, "Rules": [rule(other, Status="Disabled")]}
        self.aws.tell("s3", rules={buckets(self.name)[HERE]: off})
        return settings


class FenceS3(_Bucket):
    """The writer is fenced."""

    uses = "fence.s3"
    there = HERE
    cannot = {"wrong_state": "a bucket has no state: whoever may set its policy can fence it"}


class PromoteS3(_Bucket):
    """The standby is opened."""

    uses = "promote.s3"

    async def stand(self) -> Settings:
        """In a planned procedure; copies are not made yet."""
        stand_buckets(self.aws, self.name, copied=False)
        return settings_of(self.aws, self.name, THERE)

    async def spoil(self, settings: Settings) -> Settings:
        """The upstream takes writes."""
        return {**settings, "upstream": settings_of(self.aws, self.name, HERE)}


class ReseedS3(_Bucket):
    """Two writers, and no copies: one of them becomes the standby of the other."""

    uses = "reseed.s3"

    async def stand(self) -> Settings:
        """Nothing is fenced."""
        stand_buckets(self.aws, self.name, fenced=None, copied=False)
        return settings_of(self.aws, self.name, THERE, upstream=settings_of(self.aws, self.name, HERE))

    async def spoil(self, settings: Settings) -> Settings:
        """The upstream takes no writes."""
        policy = {"Version": "2012-10-17", "Statement": [_fence(buckets(self.name)[HERE])]}
        bucket = buckets(self.name)[HERE]
        self.aws.client("s3", HERE).put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        return settings


class CatchUpS3(_Bucket):
    """Fenced a while ago; three operations are pending, and none in a moment."""

    uses = "catch_up.s3"

    async def stand(self) -> Settings:
        """The upstream has kept this decision."""
        stand_buckets(self.aws, self.name, fenced=HERE)
        pending(self.aws, self.name, HERE, 3, age=130.0)
        pending(self.aws, self.name, HERE, 0, age=-2.0)
        tags = {"TagSet": [{"Key": "evac:epoch", "Value": str(EPOCH)}]}
        self.aws.client("s3", HERE).put_bucket_tagging(Bucket=buckets(self.name)[HERE], Tagging=tags)
        upstream = settings_of(self.aws, self.name, HERE)
        return settings_of(self.aws, self.name, THERE, upstream=upstream, exact=True)

    async def spoil(self, settings: Settings) -> Settings:
        """The upstream takes writes."""
        self.aws.client("s3", HERE).delete_bucket_policy(Bucket=buckets(self.name)[HERE])
        return settings
