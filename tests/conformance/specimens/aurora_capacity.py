"""A cluster of Aurora Serverless v2 on moto, whose changes take a moment (tests/aws/fakes/aurora_capacity.py)."""

from typing import Any

from tests.aws.world import World
from tests.conformance.specimen import OnAws, Settings


def stand_cluster(aws: World, region: str, name: str, bounds: tuple[float, float], kind: str = "db.serverless") -> None:
    """A cluster of one instance; the least and the most that it keeps."""
    rds = aws.client("rds", region)
    made = {"DBClusterIdentifier": name, "Engine": "aurora-postgresql"}
    rds.create_db_cluster(
        **made,
        MasterUsername="evac",
        MasterUserPassword="made-up-1",
        ServerlessV2ScalingConfiguration={"MinCapacity": bounds[0], "MaxCapacity": bounds[1]},
    )
    rds.create_db_instance(**made, DBInstanceIdentifier=f"{name}-1", DBInstanceClass=kind)


class _AuroraCapacity(OnAws):
    async def stand(self) -> Settings:
        """Half a unit, of at most four."""
        stand_cluster(self.aws, self.there, self.name, (0.5, 4))
        self.aws.tell("rds", modifying=0.1)
        return self.aws.settings(self.there, cluster=self.name)

    async def effect(self) -> Any:
        """Both bounds."""
        rds = self.aws.client("rds", self.there)
        rds.get_waiter("db_cluster_available").wait(
            DBClusterIdentifier=self.name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 50}
        )
        found = rds.describe_db_clusters(DBClusterIdentifier=self.name)
        return found["DBClusters"][0]["ServerlessV2ScalingConfiguration"]

    async def absent(self, settings: Settings) -> Settings:
        """Another cluster."""
        return {**settings, "cluster": "none"}


class ScaleAuroraCapacity(_AuroraCapacity):
    """From half a unit to five, which is beyond what the cluster may have."""

    uses = "scale.aurora_capacity"
    lost = "rds:ModifyDBCluster"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 5}

    async def spoil(self, settings: Settings) -> Settings:
        """It was stopped, to save money."""
        self.aws.client("rds", self.there).stop_db_cluster(DBClusterIdentifier=self.name)
        return settings

    async def effect(self) -> Any:
        """Both bounds, of a cluster that stands as it is."""
        rds = self.aws.client("rds", self.there)
        found = rds.describe_db_clusters(DBClusterIdentifier=self.name)["DBClusters"][0]
        return found["ServerlessV2ScalingConfiguration"] if found["Status"] == "stopped" else await super().effect()


class DetectAuroraCapacity(_AuroraCapacity):
    """A look at it."""

    uses = "detect.aurora_capacity"

    async def spoil(self, settings: Settings) -> Settings:
        """It was stopped, to save money."""
        self.aws.client("rds", self.there).stop_db_cluster(DBClusterIdentifier=self.name)
        return settings
