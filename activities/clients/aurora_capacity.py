"""The capacity that a cluster of Aurora Serverless v2 keeps up, and the decision in its tags.

In Aurora capacity units (ACU), each about 2 GiB of memory; every serverless instance of the cluster keeps them.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
"""

import math
from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, epoch_in
from activities.clients.aws import Aws
from activities.clients.aws_metrics import highest
from activities.errors import StepError
from runbooks.aws.scaling import AuroraCapacitySettings
from runbooks.steps import ErrorType

AVAILABLE = "available"
BROKEN = frozenset(
    {
        "cloning-failed",
        "deleting",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "migration-failed",
        "stopped",
        "stopping",
    }
)
"""https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html"""


class CapacityView(View):
    """As RDS shows it."""

    desired: int
    """Whole units that are kept up, whatever the load."""
    ready: int
    """The same, once RDS has taken the change: its instances grow to it within seconds, and RDS does not count them."""
    least: float
    most: float
    status: str
    arn: str
    instances: int
    """So many of the cluster are serverless."""
    epoch: int | None = None


async def read_capacity(there: Aws, settings: AuroraCapacitySettings) -> CapacityView:
    """Look. Raises StepError: also when there is nothing serverless in the cluster."""
    found = (await there.read("rds", "describe_db_clusters", DBClusterIdentifier=settings.cluster))["DBClusters"][0]
    where = f"The Aurora cluster {settings.cluster} ({settings.aws_region})"
    if found["Status"] in BROKEN:
        sentence = f"{where} is {found['Status']}: its capacity cannot be changed. Look at it in RDS."
        raise StepError(ErrorType.WRONG_STATE, sentence, {"status": found["Status"]})
    range_ = found.get("ServerlessV2ScalingConfiguration")
    asked: dict[str, Any] = {"Filters": [{"Name": "db-cluster-id", "Values": [settings.cluster]}]}
    instances = await there.pages("rds", "describe_db_instances", "DBInstances", **asked)
    serverless = sum(one["DBInstanceClass"] == "db.serverless" for one in instances)
    if not range_ or not serverless:
        sentence = f"{where} has no instance of class db.serverless, and so no capacity to be raised."
        raise StepError(ErrorType.BAD_SETTINGS, f"{sentence} Name one that has, or take the resource away.")
    least = float(range_["MinCapacity"])
    return CapacityView(
        desired=math.floor(least),
        ready=math.floor(least) if found["Status"] == AVAILABLE else 0,
        least=least,
        most=float(range_["MaxCapacity"]),
        status=found["Status"],
        arn=found["DBClusterArn"],
        instances=serverless,
        epoch=epoch_in(found.get("TagList", ())),
    )


async def keep_capacity(
    there: Aws, settings: AuroraCapacitySettings, seen: CapacityView, bounds: tuple[float, float], epoch: int
) -> None:
    """Order the least and the most; the decision is noted first. Raises StepError: BUSY while the cluster changes."""
    if seen.epoch != epoch:
        tags = [{"Key": EPOCH_TAG, "Value": str(epoch)}]
        await there.change("rds", "add_tags_to_resource", ResourceName=seen.arn, Tags=tags)
    asked: dict[str, Any] = {
        "DBClusterIdentifier": settings.cluster,
        "ServerlessV2ScalingConfiguration": {"MinCapacity": bounds[0], "MaxCapacity": bounds[1]},
        "ApplyImmediately": True,
    }
    # States in which it can never be done were seen before: what is refused now is under way.
    meanings = {"InvalidDBClusterStateFault": ErrorType.BUSY}
    await there.change("rds", "modify_db_cluster", meanings=meanings, **asked)


async def capacity_used(there: Aws, settings: AuroraCapacitySettings, *, longest: bool) -> int | None:
    """How many units are kept up now; or the most that any of its instances had within 24 hours (None: not counted)."""
    if longest:
        dimensions = {"DBClusterIdentifier": settings.cluster}
        return await highest(there, "AWS/RDS", "ServerlessDatabaseCapacity", dimensions)
    return (await read_capacity(there, settings)).desired
