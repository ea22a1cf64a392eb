"""Amazon RDS: a primary here, and a read replica of it there, on moto and `FakeInstances` (tests/aws/fakes/rds.py)."""

from typing import Any, ClassVar

from tests.activities.calls import perform
from tests.aws.databases import fenced_group, rds, stand_primary, stand_replica, tell_lag
from tests.conformance.specimen import OnAws, Settings

_PLAIN = ("DBInstanceStatus", "ReadReplicaSourceDBInstanceIdentifier", "BackupRetentionPeriod", "VpcSecurityGroups")


class _Rds(OnAws):
    behind: ClassVar[float | None] = 0.5
    """What CloudWatch has heard of the replica's lag."""

    async def stand(self) -> Settings:
        """Both."""
        stand_primary(self.aws, self.name, self.here)
        stand_replica(self.aws, self.name, self.there, self.here)
        if self.behind is not None:
            tell_lag(self.aws, self.name, self.behind, self.there)
        return rds(self.aws, self.name, self.there)

    async def effect(self) -> Any:
        """All instances of both regions, and the snapshots that were asked for."""
        seen = {}
        for region in (self.here, self.there):
            client = self.aws.client("rds", region)
            for found in client.describe_db_instances()["DBInstances"]:
                seen[region, found["DBInstanceIdentifier"]] = {key: found.get(key) for key in _PLAIN}
            for taken in client.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
                seen[region, taken["DBSnapshotIdentifier"]] = {"of": taken["DBInstanceIdentifier"]}
        return seen

    async def absent(self, settings: Settings) -> Settings:
        """Another instance."""
        return {**settings, "instance": "none"}

    def put(self, region: str, **attributes: Any) -> None:
        """Something happens to the instance."""
        self.aws.tell("rds", region=region, instance=self.name, put=attributes)

    @property
    def upstream(self) -> Settings:
        """The primary's settings."""
        return rds(self.aws, self.name, self.here)

    async def fence(self) -> None:
        """The primary is fenced."""
        await perform("fence.rds", self.upstream, within=self.within)


class DetectRds(_Rds):
    """A look at the replica."""

    uses = "detect.rds"

    async def spoil(self, settings: Settings) -> Settings:
        """Its disk is full."""
        self.put(self.there, status="storage-full")
        return settings


class FenceRds(_Rds):
    """The primary is fenced; open connections end by a restart."""

    uses = "fence.rds"
    lost = "rds:ModifyDBInstance"
    cannot: ClassVar[dict[str, str]] = {
        "hangs": "a silent region is an answer of its own: tests/activities/fence/test_rds.py"
    }

    async def stand(self) -> Settings:
        """Of the primary."""
        await super().stand()
        return self.upstream

    async def spoil(self, settings: Settings) -> Settings:
        """Its fence has a hole."""
        hole = [{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
        group = fenced_group(self.aws, self.here)
        self.aws.client("ec2", self.here).authorize_security_group_ingress(GroupId=group, IpPermissions=hole)
        return settings


class PromoteRds(_Rds):
    """The replica is promoted."""

    uses = "promote.rds"
    lost = "rds:PromoteReadReplica"

    async def spoil(self, settings: Settings) -> Settings:
        """It has failed."""
        self.put(self.there, status="failed")
        return settings


class CatchUpRds(_Rds):
    """The replica has everything from before the fence."""

    uses = "catch_up.rds"
    behind = None

    async def stand(self) -> Settings:
        """Of a fenced primary."""
        settings = await super().stand()
        await self.fence()
        tell_lag(self.aws, self.name, 0.0, self.there, ago=-10)
        return {**settings, "upstream": self.upstream, "exact": True}

    async def spoil(self, settings: Settings) -> Settings:
        """It follows nobody."""
        await perform("promote.rds", rds(self.aws, self.name, self.there), within=self.within)
        return settings


class ReseedRds(_Rds):
    """The former primary, fenced, becomes a replica of the one that was promoted."""

    uses = "reseed.rds"
    lost = "rds:CreateDBInstanceReadReplica"

    async def stand(self) -> Settings:
        """After a failover."""
        there = await super().stand()
        await self.fence()
        await perform("promote.rds", there, within=self.within)
        return {**self.upstream, "upstream": there}

    async def absent(self, settings: Settings) -> Settings:
        """There is no such upstream."""
        return {**settings, "upstream": {**settings["upstream"], "instance": "none"}}

    async def spoil(self, settings: Settings) -> Settings:
        """It takes writes again, as its fence was undone."""
        await perform("fence.rds.undo", self.upstream, within=self.within)
        return settings


class RestoreRds(_Rds):
    """The newest snapshot of the primary."""

    uses = "restore.rds"
    cannot: ClassVar[dict[str, str]] = {
        "sees_what_is_good": "it makes an instance aside and removes it: tests/activities/restore/test_rds.py",
        "sees_what_is_bad": "an unproved restore is an answer, and no error: tests/activities/restore/test_rds.py",
        "what_is_not_there_is_unknown": "no snapshot is an answer, too: tests/activities/restore/test_rds.py",
    }

    async def stand(self) -> Settings:
        """Of the primary, of which RDS itself has made one."""
        await super().stand()
        return self.upstream
