"""What moto's RDS takes too lightly: roles, states and events of instances and of their replicas.

A change takes as many looks as a test says (`looks`, 0 at first); until then its status is that of AWS meanwhile.
"""

from collections.abc import Callable, Mapping
from typing import Any

from botocore import xform_name
from moto.core.utils import utcnow
from moto.rds.models import Event

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend

_STATE = "InvalidDBInstanceState"


class FakeInstances(Fake):
    """Instances outside of clusters, over moto's own."""

    service = "rds"

    def reset(self) -> None:
        """Everything is done at once."""
        self._looks = 0
        self._meanwhile: dict[int, tuple[int, Callable[[], None]]] = {}

    def told(self, what: Mapping[str, Any]) -> Any:
        """`looks`: so many of them a change takes. `put`: attributes of an `instance` in a `region`."""
        if "looks" in what:
            self._looks = what["looks"]
        elif "instance" in what:
            vars(self._instance(what["region"], what["instance"])).update(what["put"])
        else:
            raise NotImplementedError(what)

    def describe_db_instances(self, region: str, **asked: Any) -> dict[str, Any]:
        """As moto has them, one look later."""
        self._pass(region)
        return {
            "DBInstances": backend("rds", region).describe_db_instances(
                asked.get("DBInstanceIdentifier"), _filters(asked)
            )
        }

    def describe_events(self, region: str, **asked: Any) -> dict[str, Any]:
        """As moto has them, one look later."""
        self._pass(region)
        return {"Events": backend("rds", region).describe_events(**_snake(asked))}

    def _pass(self, region: str) -> None:
        """A look's time passes."""
        for instance in list(backend("rds", region).databases.values()):
            left, done = self._meanwhile.get(id(instance), (0, None))
            if done is not None and left:
                self._meanwhile[id(instance)] = (left - 1, done)
            elif done is not None:
                del self._meanwhile[id(instance)]
                done()

    def create_db_instance_read_replica(self, region: str, **asked: Any) -> dict[str, Any]:
        """Of an instance that keeps backups, here or in another region."""
        known, name = backend("rds", region), asked["DBInstanceIdentifier"]
        if name in known.databases:
            code, message = "DBInstanceAlreadyExists", "DB instance already exists"
            raise Refusal(code, message)
        source = known.find_db_from_id(asked["SourceDBInstanceIdentifier"])
        _want(source.status == "available", source, "available")
        _want(bool(source.backup_retention_period), source, "one with automated backups")
        if asked.get("SourceRegion", source.region) != source.region:
            code, message = "InvalidParameterValue", "SourceRegion is not the region of the source"
            raise Refusal(code, message)
        if source.region != region and source.storage_encrypted and not asked.get("KmsKeyId"):
            code, message = "InvalidParameterCombination", "KmsKeyId is needed for an encrypted cross-region replica"
            raise Refusal(code, message)
        groups = asked.get("VpcSecurityGroupIds") or [_default_group(region)]
        _groups_exist(region, groups)
        given = {key: value for key, value in asked.items() if key not in ("SourceRegion", "PreSignedUrl")}
        if "DBSubnetGroupName" in given:
            known.describe_db_subnet_groups(given["DBSubnetGroupName"])
        replica = known.create_db_instance_read_replica(_snake({**given, "VpcSecurityGroupIds": groups}))
        replica.backend, replica.tags = known, asked.get("Tags", [])
        replica.backup_retention_period, replica.instance_create_time = 0, utcnow()
        replica.status_infos = [_replication("replicating", normal=True)]
        replica.enable_iam_database_authentication = False
        return self._begun(replica, "creating", lambda: None)

    def promote_read_replica(self, region: str, **asked: Any) -> dict[str, Any]:
        """It forgets its source, which forgets it, if it is there."""
        replica = self._available(region, asked["DBInstanceIdentifier"])
        _want(bool(replica.source_db_instance_identifier), replica, "a read replica")

        def done() -> None:
            _part(replica)
            replica.backup_retention_period = asked.get("BackupRetentionPeriod", 1)

        return self._begun(replica, "modifying", done)

    def switchover_read_replica(self, region: str, **asked: Any) -> dict[str, Any]:
        """Of Oracle: source and replica change places."""
        replica = self._available(region, asked["DBInstanceIdentifier"])
        _want(replica.engine.startswith("oracle-"), replica, "of Oracle")
        source = replica.backend.find_db_from_id(replica.source_db_instance_identifier)
        _want(source.status == "available", source, "available")

        def done() -> None:
            _part(replica)
            source.source_db_instance_identifier, source.is_replica = replica.arn, True
            source.status_infos = [_replication("replicating", normal=True)]
            replica.add_replica(source)
            replica.backup_retention_period = source.backup_retention_period

        return self._begun(replica, "modifying", done)

    def modify_db_instance(self, region: str, **asked: Any) -> dict[str, Any]:
        """Names, groups, backups and the rest."""
        instance = self._available(region, asked["DBInstanceIdentifier"])
        known, new = backend("rds", region), asked.get("NewDBInstanceIdentifier")
        if new is not None and new in known.databases:
            code, message = "DBInstanceAlreadyExists", "DB instance already exists"
            raise Refusal(code, message)
        _groups_exist(region, asked.get("VpcSecurityGroupIds", ()))
        changes = _snake({key: value for key, value in asked.items() if key != "DBInstanceIdentifier"})

        def done() -> None:
            known.modify_db_instance(instance.db_instance_identifier, changes)

        if new is None:
            return self._begun(instance, "modifying", done)
        done()
        return self._begun(instance, "renaming", lambda: None)

    def reboot_db_instance(self, region: str, **asked: Any) -> dict[str, Any]:
        """An event says when it is done."""
        instance = self._available(region, asked["DBInstanceIdentifier"])

        def done() -> None:
            event = Event("DB_INSTANCE_CREATE", instance)
            event.message, event.event_categories = "DB instance restarted", ["availability"]
            backend("rds", region).events.append(event)

        return self._begun(instance, "rebooting", done)

    def create_db_snapshot(self, region: str, **asked: Any) -> dict[str, Any]:
        """Of one that is available."""
        self._available(region, asked["DBInstanceIdentifier"])
        return {"DBSnapshot": backend("rds", region).create_db_snapshot(**_snake(asked))}

    def _begun(self, instance: Any, meanwhile: str, done: Callable[[], None]) -> dict[str, Any]:
        def ended() -> None:
            instance.status = "available"
            done()

        if self._looks:
            instance.status = meanwhile
            self._meanwhile[id(instance)] = (self._looks, ended)
        else:
            ended()
        return {"DBInstance": instance}

    def _available(self, region: str, name: str) -> Any:
        instance = self._instance(region, name)
        _want(instance.status == "available", instance, "available")
        return instance

    def _instance(self, region: str, name: str) -> Any:
        return backend("rds", region).describe_db_instances(name)[0]


def _want(good: bool, instance: Any, what: str) -> None:  # noqa: FBT001 - it is what is judged
    if not good:
        message = f"DB instance {instance.db_instance_identifier} ({instance.status}) is not {what}."
        raise Refusal(_STATE, message)


def _part(replica: Any) -> None:
    """Replica and source no longer know one another."""
    for known in backend_of_all("rds").values():
        for other in known.databases.values():
            if replica.arn in other.replicas or (
                other.region == replica.region and replica.db_instance_identifier in other.replicas
            ):
                other.replicas = [
                    one for one in other.replicas if one not in (replica.arn, replica.db_instance_identifier)
                ]
    replica.is_replica, replica.source_db_instance_identifier, replica.status_infos = False, None, []
    replica.replicas = []


def backend_of_all(service: str) -> dict[str, Any]:
    """By region."""
    from moto.backends import get_backend  # noqa: PLC0415 - as the front does

    found: dict[str, Any] = get_backend(service)["123456789012"]  # type: ignore[call-overload]
    return found


def _replication(status: str, *, normal: bool) -> dict[str, Any]:
    return {"StatusType": "read replication", "Status": status, "Normal": normal}


def _groups_exist(region: str, groups: Any) -> None:
    known = {group for groups_of in backend("ec2", region).groups.values() for group in groups_of}
    for group in groups:
        if group not in known:
            code, message = "InvalidParameterValue", f"Invalid security group , groupId= {group}, groupName=."
            raise Refusal(code, message)


def _default_group(region: str) -> str:
    ec2 = backend("ec2", region)
    return str(ec2.get_default_security_group(ec2.default_vpc.id).id)


def _filters(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {one["Name"]: one["Values"] for one in asked.get("Filters", ())}


def _snake(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {xform_name(key): value for key, value in asked.items()}
