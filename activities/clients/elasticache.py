"""A member of an ElastiCache Global Datastore: which role it has, how its move gets on, how far it is behind.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_FailoverGlobalReplicationGroup.html
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, account_of, epoch_in
from activities.clients.aws import Aws
from activities.errors import StepError
from runbooks.aws.elasticache import ElasticacheSettings
from runbooks.steps import ErrorType

SEES = (
    "elasticache:DescribeReplicationGroups",
    "elasticache:DescribeGlobalReplicationGroups",
    "elasticache:ListTagsForResource",
)
NOTES = "elasticache:AddTagsToResource"
LAGS = ("cloudwatch:ListMetrics", "cloudwatch:GetMetricStatistics")
AVAILABLE = "available"
PRIMARY, SECONDARY, ALONE = "primary", "secondary", "alone"

_WORKS = frozenset({AVAILABLE, "modifying", "snapshotting"})
_UNDER_WAY = {"InvalidGlobalReplicationGroupState": ErrorType.BUSY, "InvalidReplicationGroupState": ErrorType.BUSY}
_LOOKS_BACK = timedelta(minutes=15)
_PERIOD = 60
_LAG: dict[str, Any] = {"Namespace": "AWS/ElastiCache", "MetricName": "GlobalDatastoreReplicationLag"}


class Member(View):
    """One region's group, as the datastore shows it."""

    role: str
    status: str


class GroupView(View):
    """As ElastiCache shows it."""

    arn: str
    status: str
    role: str
    """`primary` or `secondary`; `alone`: it is in no datastore, or in another one."""
    datastore: str = ""
    """The datastore's own status."""
    members: dict[str, Member] = {}
    """By `region:replication group`."""
    clusters: tuple[str, ...] = ()
    epoch: int | None = None

    @property
    def works(self) -> bool:
        """It serves."""
        return self.status in _WORKS

    @property
    def at_rest(self) -> bool:
        """Nothing is being changed, neither of it nor of the datastore."""
        return self.status == AVAILABLE and self.datastore in (AVAILABLE, "primary-only", "")


@dataclass(frozen=True)
class Lag:
    """How far a secondary was behind."""

    seconds: float
    until: float
    """When that was measured."""


def called(settings: ElasticacheSettings) -> str:
    """The member's name."""
    return f"{settings.aws_region}:{settings.replication_group}"


def arns(settings: ElasticacheSettings) -> tuple[str, ...]:
    """The group and its datastore, which has no region."""
    account = account_of(settings)
    return (
        f"arn:aws:elasticache:{settings.aws_region}:{account}:replicationgroup:{settings.replication_group}",
        f"arn:aws:elasticache::{account}:globalreplicationgroup:{settings.datastore}",
    )


async def read_group(there: Aws, settings: ElasticacheSettings) -> GroupView:
    """Look, in the group's own region. Raises StepError; one that is no more, or not yet, is in the wrong state."""
    asked = settings.replication_group
    found = await there.read("elasticache", "describe_replication_groups", ReplicationGroupId=asked)
    group: dict[str, Any] = found["ReplicationGroups"][0]
    info: dict[str, str] = group.get("GlobalReplicationGroupInfo") or {}
    view = GroupView(
        arn=group["ARN"],
        status=group["Status"],
        role=_role(info, settings),
        clusters=tuple(group.get("MemberClusters", ())),
    )
    if not view.works:
        sentence = f"The replication group {asked} in {settings.aws_region} is {view.status}: it serves nothing."
        raise StepError(ErrorType.WRONG_STATE, sentence, view.evidence())
    status, members = ("", {}) if view.role == ALONE else await _members(there, settings)
    return view.model_copy(update={"datastore": status, "members": members, "epoch": await _epoch(there, view)})


async def note(there: Aws, seen: GroupView, epoch: int) -> None:
    """Keep the decision at the group. Raises StepError."""
    tags = [{"Key": EPOCH_TAG, "Value": str(epoch)}]
    asked: dict[str, Any] = {"ResourceName": seen.arn, "Tags": tags}
    await there.change("elasticache", "add_tags_to_resource", meanings=_UNDER_WAY, **asked)


async def order_failover(there: Aws, settings: ElasticacheSettings) -> None:
    """Make the group the primary, and every other one a secondary. Raises StepError; BUSY while a move is under way."""
    await there.change(
        "elasticache",
        "failover_global_replication_group",
        meanings=_UNDER_WAY,
        GlobalReplicationGroupId=settings.datastore,
        PrimaryRegion=settings.aws_region,
        PrimaryReplicationGroupId=settings.replication_group,
    )


async def read_lag(there: Aws, settings: ElasticacheSettings, seen: GroupView) -> Lag | None:
    """How far a secondary was behind in the last minute that CloudWatch knows of; None: nothing is known.

    AWS keeps the metric for each node; whichever of them it has are asked, and the worst one counts.
    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
    """
    known = await there.pages("cloudwatch", "list_metrics", "Metrics", **_LAG)
    own = {settings.replication_group, settings.datastore, *seen.clusters}
    series = [one["Dimensions"] for one in known if own & {each["Value"] for each in one["Dimensions"]}]
    found = await asyncio.gather(*(_newest(there, dimensions) for dimensions in series))
    return max((lag for lag in found if lag is not None), key=lambda lag: lag.seconds, default=None)


async def _newest(there: Aws, dimensions: list[dict[str, str]]) -> Lag | None:
    now = datetime.now(UTC)
    span: dict[str, Any] = {
        "StartTime": now - _LOOKS_BACK,
        "EndTime": now,
        "Period": _PERIOD,
        "Statistics": ["Maximum"],
    }
    answer = await there.read("cloudwatch", "get_metric_statistics", Dimensions=dimensions, **_LAG, **span)
    newest = max(answer["Datapoints"], key=lambda point: point["Timestamp"], default=None)
    if newest is None:
        return None
    return Lag(newest["Maximum"], min(newest["Timestamp"].timestamp() + _PERIOD, now.timestamp()))


async def _members(there: Aws, settings: ElasticacheSettings) -> tuple[str, dict[str, Member]]:
    asked: dict[str, Any] = {"GlobalReplicationGroupId": settings.datastore, "ShowMemberInfo": True}
    found = await there.read("elasticache", "describe_global_replication_groups", **asked)
    datastore = found["GlobalReplicationGroups"][0]
    members = {
        f"{one['ReplicationGroupRegion']}:{one['ReplicationGroupId']}": Member(
            role=one["Role"].lower(), status=one["Status"]
        )
        for one in datastore.get("Members", ())
    }
    return datastore["Status"], members


async def _epoch(there: Aws, view: GroupView) -> int | None:
    """None also while the group is being changed: ElastiCache tells its tags only when it is available."""
    if view.status != AVAILABLE:
        return None
    answer = await there.read("elasticache", "list_tags_for_resource", meanings=_UNDER_WAY, ResourceName=view.arn)
    return epoch_in(answer["TagList"])


def _role(info: dict[str, str], settings: ElasticacheSettings) -> str:
    ours = info.get("GlobalReplicationGroupId") == settings.datastore
    return info.get("GlobalReplicationGroupMemberRole", ALONE).lower() if ours else ALONE
