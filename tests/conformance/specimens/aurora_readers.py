"""An Aurora cluster with readers, on moto."""

from typing import Any

from tests.aws.world import World
from tests.conformance.specimen import OnAws, Settings


def stand_readers(aws: World, region: str, name: str, readers: int) -> None:
    """A cluster of a writer and so many readers."""
    rds = aws.client("rds", region)
    made = {"DBClusterIdentifier": name, "Engine": "aurora-postgresql"}
    rds.create_db_cluster(**made, MasterUsername="evac", MasterUserPassword="made-up-1")
    for number in range(readers + 1):
        rds.create_db_instance(**made, DBInstanceIdentifier=f"{name}-{number}", DBInstanceClass="db.r6g.large")


def instances(aws: World, region: str, name: str) -> list[str]:
    """The names of all instances of the cluster."""
    asked = {"Filters": [{"Name": "db-cluster-id", "Values": [name]}]}
    found = aws.client("rds", region).describe_db_instances(**asked)["DBInstances"]
    return sorted(one["DBInstanceIdentifier"] for one in found)


class _AuroraReaders(OnAws):
    async def stand(self) -> Settings:
        """One reader."""
        stand_readers(self.aws, self.there, self.name, 1)
        return self.aws.settings(self.there, cluster=self.name)

    async def effect(self) -> Any:
        """The names of the instances."""
        return instances(self.aws, self.there, self.name)

    async def absent(self, settings: Settings) -> Settings:
        """Another cluster."""
        return {**settings, "cluster": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """It was stopped, to save money."""
        self.aws.client("rds", self.there).stop_db_cluster(DBClusterIdentifier=self.name)
        return settings


class ScaleAuroraReaders(_AuroraReaders):
    """From one reader to three."""

    uses = "scale.aurora_readers"
    lost = "rds:CreateDBInstance"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 3}


class DetectAuroraReaders(_AuroraReaders):
    """A look at them."""

    uses = "detect.aurora_readers"
