"""A replica of a DynamoDB global table: who may write to it, and how long replication into it takes.

The policy has a real compare-and-set (its revision); the newest decision is kept in a tag besides, which stays when the
fence is lifted.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
"""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, account_of, epoch_in
from activities.clients.aws import Aws, aws
from activities.clients.policy import Mark, fenced, lifted, mark_in, unless, written
from activities.contract import Job
from activities.errors import StepError
from runbooks.aws.dynamodb import DynamodbSettings
from runbooks.steps import ErrorType

SEES = ("dynamodb:DescribeTable", "dynamodb:GetResourcePolicy", "dynamodb:ListTagsOfResource")
CHANGES = (
    "dynamodb:TagResource",
    "dynamodb:PutResourcePolicy",
    "dynamodb:DeleteResourcePolicy",
)
LAGS = "cloudwatch:GetMetricStatistics"

_WRITES = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)
"""A transaction is allowed by the actions of its parts: it has none of its own."""
_REPLICATION = (
    "arn:aws*:iam::*:role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"
)
"""A fence must never stop it: after 20 hours the replica would be cut off from its global table for ever."""
_BUSY = {"LimitExceededException": ErrorType.BUSY, "ResourceInUseException": ErrorType.BUSY}
_CHANGED = {**_BUSY, "PolicyNotFoundException": ErrorType.CONFLICT}
_NO_POLICY = "NO_POLICY"
ACTIVE = frozenset({"ACTIVE", "UPDATING"})
"""In these a table, or a replica, takes part in replication."""
_GONE = frozenset({"DELETING", "ARCHIVING", "ARCHIVED"})
_LOOKS_BACK = timedelta(minutes=15)
_PERIOD = 60
_METRIC_WITHIN = 4.0
"""Seconds, and never more than half of a look's own: the region that would know may be the one that is dead."""


@dataclass(frozen=True)
class Lag:
    """How long replication took."""

    seconds: float
    until: float
    """When that was measured."""

    def behind(self, now: float) -> float:
        """What was written that long before `now` has arrived: nobody knows more."""
        return now - self.until + self.seconds


class TableView(View):
    """As DynamoDB shows it."""

    arn: str
    status: str
    replicas: dict[str, str] = {}
    """The status of each replica, by region."""
    strong: bool = False
    """Multi-region strong consistency: a write is answered once another region has it."""
    policy: dict[str, Any] | None = None
    revision: str = _NO_POLICY
    fence: Mark | None = None
    tagged: int | None = None

    @property
    def newest(self) -> int | None:
        """The newest decision that it has kept."""
        kept = (self.tagged, None if self.fence is None else self.fence.epoch)
        return max((one for one in kept if one is not None), default=None)

    @property
    def works(self) -> bool:
        """It takes part in replication."""
        return self.status in ACTIVE

    def why_apart(self, settings: DynamodbSettings, upstream: DynamodbSettings) -> str | None:
        """The sentence why it is no working replica of the upstream, or None."""
        where = f"The table {settings.table} in {settings.aws_region}"
        if not self.works:
            return f"{where} is {self.status}: it takes part in no replication."
        other = self.replicas.get(upstream.aws_region)
        if other is None or settings.table != upstream.table:
            return f"{where} is no replica of {upstream.table} in {upstream.aws_region}: add it to the global table."
        return None if other in ACTIVE else f"Its replica in {upstream.aws_region} is {other}."


def arns(settings: DynamodbSettings) -> tuple[str, ...]:
    """The table alone."""
    return (f"arn:aws:dynamodb:{settings.aws_region}:{account_of(settings)}:table/{settings.table}",)


async def read_table(there: Aws, settings: DynamodbSettings) -> TableView:
    """Look. Raises StepError."""
    found = (await there.read("dynamodb", "describe_table", TableName=settings.table))["Table"]
    arn = found["TableArn"]
    policy, tags = await asyncio.gather(
        _read_policy(there, arn), there.pages("dynamodb", "list_tags_of_resource", "Tags", ResourceArn=arn)
    )
    document = json.loads(policy["Policy"]) if policy else None
    return TableView(
        arn=arn,
        status=found["TableStatus"],
        replicas={one["RegionName"]: one.get("ReplicaStatus", "") for one in found.get("Replicas", ())},
        strong=found.get("MultiRegionConsistency") == "STRONG",
        policy=document,
        revision=policy.get("RevisionId", _NO_POLICY),
        fence=mark_in(document),
        tagged=epoch_in(tags),
    )


async def see_table(job: Job[Any], settings: DynamodbSettings) -> TableView:
    """Look at what is to be changed. Raises StepError; a table that is on its way out is in the wrong state."""
    seen = await read_table(aws(job, settings), settings)
    if seen.status in _GONE:
        sentence = f"The table {settings.table} in {settings.aws_region} is {seen.status}: its policy is left alone."
        raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
    return seen


async def note(there: Aws, seen: TableView, epoch: int) -> None:
    """Keep the decision. Raises StepError."""
    tags = [{"Key": EPOCH_TAG, "Value": str(epoch)}]
    await there.change("dynamodb", "tag_resource", meanings=_BUSY, ResourceArn=seen.arn, Tags=tags)


async def shut(there: Aws, settings: DynamodbSettings, seen: TableView, epoch: int) -> None:
    """Deny writes, unless the policy has changed since it was seen. Raises StepError."""
    statement = {
        "Action": list(_WRITES),
        "Resource": seen.arn,
        "Condition": unless((_REPLICATION, *settings.exempt)),
    }
    await _put(there, seen, fenced(seen.policy, statement, epoch))


async def unshut(there: Aws, seen: TableView) -> None:
    """Take Evac's statement out, unless the policy has changed since it was seen. Raises StepError."""
    left = lifted(seen.policy)
    if left is not None:
        await _put(there, seen, left)
        return
    asked = {"ResourceArn": seen.arn, "ExpectedRevisionId": seen.revision}
    await there.change("dynamodb", "delete_resource_policy", meanings=_CHANGED, **asked)


async def latency(job: Job[Any], settings: DynamodbSettings, source: str, receiving: str) -> Lag | None:
    """How long replication took last; None: nothing was replicated lately. Raises StepError.

    The longest of the last minute that CloudWatch, in the source's region, knows of.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    """
    now = datetime.now(UTC)
    ways = {"TableName": settings.table, "ReceivingRegion": receiving}
    asked: dict[str, Any] = {
        "Namespace": "AWS/DynamoDB",
        "MetricName": "ReplicationLatency",
        "Dimensions": [{"Name": name, "Value": value} for name, value in ways.items()],
        "StartTime": now - _LOOKS_BACK,
        "EndTime": now,
        "Period": _PERIOD,
        "Statistics": ["Maximum"],
    }
    there = aws(job, settings.model_copy(update={"aws_region": source}))
    found = (await there.read("cloudwatch", "get_metric_statistics", **asked))["Datapoints"]
    newest = max(found, key=lambda point: point["Timestamp"], default=None)
    if newest is None:
        return None
    return Lag(newest["Maximum"] / 1000, min(newest["Timestamp"].timestamp() + _PERIOD, now.timestamp()))


async def latency_in_time(job: Job[DynamodbSettings], source: str, receiving: str) -> Lag | None:
    """The same, in a moment; None also when nobody tells: the region that would know may be the one that is dead."""
    try:
        async with asyncio.timeout(min(_METRIC_WITHIN, job.allowed / 2)):
            return await latency(job, job.settings, source, receiving)
    except TimeoutError:
        return None
    except StepError as error:
        if error.final:
            raise
        return None


async def _put(there: Aws, seen: TableView, document: dict[str, Any]) -> None:
    asked = {"ResourceArn": seen.arn, "Policy": written(document), "ExpectedRevisionId": seen.revision}
    await there.change("dynamodb", "put_resource_policy", meanings=_CHANGED, **asked)


async def _read_policy(there: Aws, arn: str) -> dict[str, Any]:
    try:
        return await there.read("dynamodb", "get_resource_policy", ResourceArn=arn)
    except StepError as error:
        if error.evidence.get("code") == "PolicyNotFoundException":
            return {}
        raise
