"""A new replica in the place of a former instance: what it is made of, and how the former one is kept.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html
"""

from collections.abc import Mapping
from typing import Any

from activities.aws import EPOCH_TAG
from activities.clients.aws import Aws
from activities.clients.guarded import FENCE_TAG, RACES
from activities.clients.rds import Instance
from activities.contract import Job
from activities.errors import StepError
from runbooks.aws.rds import RdsSettings
from runbooks.steps import ErrorType


def former_name(settings: RdsSettings, epoch: int) -> str:
    """What the former instance is called from then on."""
    return f"{settings.instance}-former-{epoch}"


def snapshot_name(settings: RdsSettings, epoch: int) -> str:
    """The last snapshot of the former instance."""
    return f"{settings.instance}-evac-{epoch}"


async def find_snapshot(there: Aws, name: str) -> str | None:
    """Its status; None when there is none. Raises StepError."""
    try:
        answer = await there.read("rds", "describe_db_snapshots", DBSnapshotIdentifier=name)
    except StepError as error:
        if error.kind is not ErrorType.NOT_FOUND:
            raise
        return None
    return str(answer["DBSnapshots"][0]["Status"])


async def take_snapshot(there: Aws, name: str, instance: str, epoch: int) -> None:
    """Begin to take it. Raises StepError."""
    asked: dict[str, Any] = {"DBSnapshotIdentifier": name, "DBInstanceIdentifier": instance, "Tags": _tags(epoch)}
    await there.change("rds", "create_db_snapshot", meanings=RACES, **asked)


async def rename(there: Aws, old: str, new: str) -> None:
    """Begin to give an instance another name. Raises StepError."""
    gone = {"DBInstanceNotFound": ErrorType.CONFLICT}  # another run of this step has renamed it
    asked: dict[str, Any] = {"DBInstanceIdentifier": old, "NewDBInstanceIdentifier": new, "ApplyImmediately": True}
    await there.change("rds", "modify_db_instance", meanings={**RACES, **gone}, **asked)


async def create_replica(job: Job[Any], there: Aws, upstream: Instance, former: Mapping[str, Any] | None) -> None:
    """Begin to create the replica under the settings' own name. Raises StepError."""
    await there.change("rds", "create_db_instance_read_replica", meanings=RACES, **replica_of(job, upstream, former))


def replica_of(job: Job[Any], upstream: Instance, former: Mapping[str, Any] | None) -> dict[str, Any]:
    """The parameters of the new replica: those of the settings before those that the former instance had."""
    settings: RdsSettings = job.settings
    had = former or {}
    region = upstream.arn.split(":")[3]
    groups = settings.security_groups or _groups(had)
    asked: dict[str, Any] = {
        "DBInstanceIdentifier": settings.instance,
        "SourceDBInstanceIdentifier": upstream.arn,
        "SourceRegion": region if region != settings.aws_region else None,
        "DBInstanceClass": settings.instance_class or had.get("DBInstanceClass"),
        "DBSubnetGroupName": settings.subnet_group or had.get("DBSubnetGroup", {}).get("DBSubnetGroupName"),
        "DBParameterGroupName": settings.parameter_group or _own(had, "DBParameterGroups", "DBParameterGroupName"),
        "OptionGroupName": settings.option_group or _own(had, "OptionGroupMemberships", "OptionGroupName"),
        "VpcSecurityGroupIds": list(groups) or None,
        "KmsKeyId": settings.kms_key or had.get("KmsKeyId"),
        "MultiAZ": had.get("MultiAZ") if settings.multi_az is None else settings.multi_az,
        "PubliclyAccessible": had.get("PubliclyAccessible"),
        "Port": had.get("DbInstancePort") or had.get("Endpoint", {}).get("Port"),
        "DeletionProtection": had.get("DeletionProtection"),
        "Tags": _tags(job.call.epoch),
    }
    return {key: value for key, value in asked.items() if value is not None}


def _groups(had: Mapping[str, Any]) -> list[str]:
    """Those before its fence, if it has one."""
    tags = {tag["Key"]: tag["Value"] for tag in had.get("TagList", ())}
    return tags.get(FENCE_TAG, "").split() or [one["VpcSecurityGroupId"] for one in had.get("VpcSecurityGroups", ())]


def _own(had: Mapping[str, Any], key: str, name: str) -> str | None:
    """The group of that kind that a user has made: AWS's own defaults come by themselves."""
    names = (str(group.get(name)) for group in had.get(key, ()))
    return next((found for found in names if not found.startswith(("default.", "default:"))), None)


def _tags(epoch: int) -> list[dict[str, str]]:
    return [{"Key": EPOCH_TAG, "Value": str(epoch)}]
