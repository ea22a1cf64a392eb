"""A DB instance of Amazon RDS: how it stands, and the single changes that are made to it.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from activities.clients.aws import Aws
from activities.clients.cloudwatch_lag import Metric, read_lag
from activities.clients.guarded import RACES, Guarded, kept
from activities.errors import StepError
from activities.lagging import Lag
from runbooks.aws.rds import RdsSettings
from runbooks.steps import ErrorType


class Instance(Guarded):
    """As RDS shows it."""

    source: str | None = None
    """The ARN of the instance that it replicates from (its plain name in the same region)."""
    replicating: bool = False
    retention: int = 0
    replicas: tuple[str, ...] = ()
    """ARNs of those in other regions, plain names of those in this one."""
    pending: tuple[str, ...] = ()
    """What is still to be applied."""

    def follows(self, arn: str) -> bool:
        """It is a replica of that instance."""
        return self.source is not None and arn in {self.source, self.arn.rpartition(":")[0] + ":" + self.source}


async def read_raw(there: Aws, name: str) -> dict[str, Any]:
    """RDS's own description. Raises StepError."""
    answer = await there.read("rds", "describe_db_instances", DBInstanceIdentifier=name)
    found: dict[str, Any] = answer["DBInstances"][0]
    return found


async def read_instance(there: Aws, settings: RdsSettings) -> Instance:
    """Look. Raises StepError."""
    return instance_of(await read_raw(there, settings.instance))


def instance_of(raw: dict[str, Any]) -> Instance:
    """RDS's description, read."""
    groups = raw.get("VpcSecurityGroups", ())
    states = {one.get("StatusType"): one for one in raw.get("StatusInfos", ())}
    source = raw.get("ReadReplicaSourceDBInstanceIdentifier") or None
    name = raw["DBInstanceIdentifier"]
    return Instance(
        name=name,
        arn=raw["DBInstanceArn"],
        role="standby" if source else "primary",
        status=raw["DBInstanceStatus"],
        engine=raw["Engine"],
        groups=tuple(sorted(one["VpcSecurityGroupId"] for one in groups)),
        applied=all(one["Status"] == "active" for one in groups),
        writer=name,
        source=source,
        replicating=states.get("read replication", {}).get("Status") == "replicating",
        retention=raw.get("BackupRetentionPeriod") or 0,
        replicas=tuple(raw.get("ReadReplicaDBInstanceIdentifiers", ())),
        pending=tuple(sorted(raw.get("PendingModifiedValues", {}))),
        **kept({tag["Key"]: tag["Value"] for tag in raw.get("TagList", ())}),
    )


async def find_raw(there: Aws, name: str) -> dict[str, Any] | None:
    """As `read_raw`; None when there is none of that name. Raises StepError."""
    try:
        return await read_raw(there, name)
    except StepError as error:
        if error.kind is not ErrorType.NOT_FOUND:
            raise
        return None


async def instance_lag(there: Aws, name: str) -> Lag:
    """How far a replica is behind. Raises StepError."""
    return await read_lag(there, Metric("AWS/RDS", "ReplicaLag", (("DBInstanceIdentifier", name),)))


async def regroup(there: Aws, name: str, groups: Sequence[str]) -> None:
    """Give it other security groups, at once. Raises StepError."""
    await modify(there, name, VpcSecurityGroupIds=list(groups))


async def modify(there: Aws, name: str, **changes: Any) -> None:
    """Change it at once. Raises StepError."""
    asked = {"DBInstanceIdentifier": name, "ApplyImmediately": True, **changes}
    await there.change("rds", "modify_db_instance", meanings=RACES, **asked)


async def last_restart(there: Aws, name: str, service: str = "rds") -> datetime | None:
    """When an instance was last restarted, by its events of the last day. Raises StepError."""
    asked: Any = {"SourceIdentifier": name, "SourceType": "db-instance", "Duration": 1440}
    events = await there.pages(service, "describe_events", "Events", **asked)
    return max((event["Date"] for event in events if "restarted" in event.get("Message", "").lower()), default=None)


async def restart(there: Aws, name: str, service: str = "rds") -> None:
    """Begin to restart it: every connection ends. Raises StepError."""
    await there.change(service, "reboot_db_instance", meanings=RACES, DBInstanceIdentifier=name)
