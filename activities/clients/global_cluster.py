"""A cluster that is a member of a global one: how both stand, and the single changes that are made.

Aurora, DocumentDB and Neptune have the same interface under three names; IAM knows all of it as `rds:`.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_GlobalCluster.html
https://docs.aws.amazon.com/documentdb/latest/developerguide/API_GlobalCluster.html
https://docs.aws.amazon.com/neptune/latest/apiref/API_GlobalCluster.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from activities.clients.aws import Aws
from activities.clients.cloudwatch_lag import Metric, read_lag
from activities.clients.guarded import RACES, Guarded, kept
from activities.errors import StepError
from activities.lagging import Lag
from runbooks.aws.global_clusters import GlobalClusterSettings
from runbooks.steps import ErrorType

_MILLISECONDS = 0.001
_CLUSTER = "DBClusterIdentifier"


@dataclass(frozen=True)
class Family:
    """One of the three: what boto3 calls it, and where CloudWatch keeps the lag of its secondary clusters."""

    service: str
    namespace: str
    lag: str


AURORA = Family("rds", "AWS/RDS", "AuroraGlobalDBReplicationLag")
DOCDB = Family("docdb", "AWS/DocDB", "GlobalClusterReplicationLag")
NEPTUNE = Family("neptune", "AWS/Neptune", "GlobalDbProgressLag")


class Member(Guarded):
    """A cluster, as AWS shows it in its own region."""

    member: bool
    """The global cluster counts it among its own."""
    global_status: str
    moving_to: str | None = None
    """The ARN of the cluster that a failover or switchover is promoting now."""
    synchronized: bool = True
    instances: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    """The ARNs of the other members, when this one is the primary."""
    primary: str | None = None
    """The ARN of the member that takes the writes."""

    @property
    def settled(self) -> bool:
        """Nothing is being moved, and it is available."""
        return self.status == "available" and self.moving_to is None and self.global_status == "available"


async def read_member(there: Aws, settings: GlobalClusterSettings, family: Family) -> Member:
    """Look. Raises StepError."""
    asked: Any = {_CLUSTER: settings.cluster}
    raw = (await there.read(family.service, "describe_db_clusters", **asked))["DBClusters"][0]
    whole = await _read_global(there, settings, family)
    tags = (await there.read(family.service, "list_tags_for_resource", ResourceName=raw["DBClusterArn"]))["TagList"]
    arn = raw["DBClusterArn"]
    members = {one["DBClusterArn"]: one for one in whole.get("GlobalClusterMembers", ())}
    own = members.get(arn)
    groups = raw.get("VpcSecurityGroups", ())
    moving = whole.get("FailoverState") or {}
    instances = raw.get("DBClusterMembers", ())
    return Member(
        name=raw[_CLUSTER],
        arn=arn,
        # One that was taken out of the global cluster takes writes by itself.
        role="primary" if own is None or own["IsWriter"] else "standby",
        status=raw["Status"],
        engine=raw["Engine"],
        groups=tuple(sorted(one["VpcSecurityGroupId"] for one in groups)),
        applied=all(one.get("Status", "active") == "active" for one in groups),
        writer=next((one["DBInstanceIdentifier"] for one in instances if one.get("IsClusterWriter")), ""),
        member=own is not None,
        global_status=whole["Status"],
        moving_to=moving.get("ToDbClusterArn"),
        synchronized=(own or {}).get("SynchronizationStatus", "connected") == "connected",
        instances=tuple(one["DBInstanceIdentifier"] for one in instances),
        readers=tuple(other for other, one in members.items() if other != arn and not one["IsWriter"]),
        primary=next((other for other, one in members.items() if one["IsWriter"]), None),
        **kept({tag["Key"]: tag["Value"] for tag in tags}),
    )


async def _read_global(there: Aws, settings: GlobalClusterSettings, family: Family) -> dict[str, Any]:
    asked: Any = {"GlobalClusterIdentifier": settings.global_cluster}
    found = (await there.read(family.service, "describe_global_clusters", **asked))["GlobalClusters"]
    if not found:
        sentence = f"There is no global cluster {settings.global_cluster}: look whether the runbook names it rightly."
        raise StepError(ErrorType.NOT_FOUND, sentence)
    whole: dict[str, Any] = found[0]
    return whole


async def member_lag(there: Aws, name: str, family: Family) -> Lag:
    """How far a secondary cluster is behind. Raises StepError.

    Which dimensions the metric has besides the cluster (the source's region, for one) is AWS's affair: it is asked.
    """
    own = {"Name": _CLUSTER, "Value": name}
    asked: Any = {"Namespace": family.namespace, "MetricName": family.lag, "Dimensions": [own]}
    listed = await there.pages("cloudwatch", "list_metrics", "Metrics", **asked)
    kinds = {tuple((one["Name"], one["Value"]) for one in metric["Dimensions"]) for metric in listed}
    lags = [
        await read_lag(there, Metric(family.namespace, family.lag, dimensions, _MILLISECONDS))
        for dimensions in sorted(kinds) or [((_CLUSTER, name),)]
    ]
    return max(lags, key=lambda lag: (lag.measured_at or 0.0, lag.seconds or 0.0))


async def regroup_cluster(there: Aws, family: Family, name: str, groups: Sequence[str]) -> None:
    """Give a cluster other security groups, at once. Raises StepError."""
    asked: Any = {_CLUSTER: name, "VpcSecurityGroupIds": list(groups), "ApplyImmediately": True}
    await there.change(family.service, "modify_db_cluster", meanings=RACES, **asked)


async def switch_over(there: Aws, family: Family, settings: GlobalClusterSettings, arn: str) -> None:
    """Begin to hand the writes over; AWS stops them first, and waits until nothing is missing. Raises StepError."""
    asked: Any = {"GlobalClusterIdentifier": settings.global_cluster, "TargetDbClusterIdentifier": arn}
    await there.change(family.service, "switchover_global_cluster", meanings=RACES, **asked)


async def fail_over(there: Aws, family: Family, settings: GlobalClusterSettings, arn: str) -> None:
    """Begin to promote it, whatever its primary has besides. Raises StepError."""
    asked: Any = {
        "GlobalClusterIdentifier": settings.global_cluster,
        "TargetDbClusterIdentifier": arn,
        "AllowDataLoss": True,
    }
    await there.change(family.service, "failover_global_cluster", meanings=RACES, **asked)


async def take_out(there: Aws, family: Family, settings: GlobalClusterSettings, arn: str) -> None:
    """Take it out of the global cluster: it takes writes by itself then. Raises StepError."""
    asked: Any = {"GlobalClusterIdentifier": settings.global_cluster, "DbClusterIdentifier": arn}
    await there.change(family.service, "remove_from_global_cluster", meanings=RACES, **asked)
