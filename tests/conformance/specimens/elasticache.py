"""A Global Datastore in two regions: moto has the replication groups, `FakeGlobalDatastores` their datastore."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.activities.calls import EPOCH
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimen import OnAws, Settings

CLUSTER = "-001"
"""What AWS, and moto, put behind the group's id for its first node."""


def stand_datastore(aws: World, name: str) -> None:
    """The primary is here, the secondary there."""
    group = {"ReplicationGroupDescription": "sessions", "Engine": "valkey", "CacheNodeType": "cache.r7g.large"}
    here, there = aws.client("elasticache", HERE), aws.client("elasticache", THERE)
    here.create_replication_group(ReplicationGroupId=f"{name}-here", NumCacheClusters=2, **group)
    here.create_global_replication_group(GlobalReplicationGroupIdSuffix=name, PrimaryReplicationGroupId=f"{name}-here")
    there.create_replication_group(
        ReplicationGroupId=f"{name}-there",
        ReplicationGroupDescription="sessions",
        NumCacheClusters=2,
        GlobalReplicationGroupId=f"ldgnf-{name}",
    )


def lagging(aws: World, name: str, seconds: float, age: float = 65.0, region: str = THERE) -> None:
    """A secondary was so far behind, as its first node has told CloudWatch; an age below 0 is yet to come."""
    group = f"{name}-{'here' if region == HERE else 'there'}"
    point = {
        "MetricName": "GlobalDatastoreReplicationLag",
        "Dimensions": [{"Name": "CacheClusterId", "Value": f"{group}{CLUSTER}"}],
        "Timestamp": datetime.now(UTC) - timedelta(seconds=age),
        "Value": seconds,
        "Unit": "Seconds",
    }
    aws.client("cloudwatch", region).put_metric_data(Namespace="AWS/ElastiCache", MetricData=[point])


def settings_of(aws: World, name: str, region: str) -> Settings:
    """Of the group in that region."""
    group = f"{name}-{'here' if region == HERE else 'there'}"
    return aws.settings(region, datastore=f"ldgnf-{name}", replication_group=group)


def roles(aws: World, name: str, region: str = THERE) -> dict[str, str]:
    """Of each member, as ElastiCache shows them in that region."""
    asked = {"GlobalReplicationGroupId": f"ldgnf-{name}", "ShowMemberInfo": True}
    shown = aws.client("elasticache", region).describe_global_replication_groups(**asked)
    return {one["ReplicationGroupRegion"]: one["Role"] for one in shown["GlobalReplicationGroups"][0]["Members"]}


def decided(aws: World, name: str, region: str) -> str | None:
    """The decision that the group's tags keep."""
    group = f"{name}-{'here' if region == HERE else 'there'}"
    arn = f"arn:aws:elasticache:{region}:123456789012:replicationgroup:{group}"
    tags = aws.client("elasticache", region).list_tags_for_resource(ResourceName=arn)["TagList"]
    return next((tag["Value"] for tag in tags if tag["Key"] == "evac:epoch"), None)


class _Member(OnAws):
    there = THERE
    within = 30.0

    async def stand(self) -> Settings:
        """Primary here, secondary there."""
        stand_datastore(self.aws, self.name)
        return settings_of(self.aws, self.name, self.there)

    async def effect(self) -> Any:
        """Both roles, and what each keeps."""
        for _ in range(3):  # what is under way comes to its end
            roles(self.aws, self.name)
        return roles(self.aws, self.name), [decided(self.aws, self.name, region) for region in (HERE, THERE)]

    async def absent(self, settings: Settings) -> Settings:
        """Another group."""
        return {**settings, "replication_group": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """It is being deleted."""
        self.aws.tell("elasticache", status={settings["replication_group"]: "deleting"})
        return settings


class DetectElasticache(_Member):
    """A look at the secondary."""

    uses = "detect.elasticache"


class FenceElasticache(_Member):
    """The primary, which AWS demotes later."""

    uses = "fence.elasticache"
    there = HERE

    async def effect(self) -> Any:
        """What it keeps, asked behind ElastiCache's back: it tells no tags of what is being deleted."""
        arn = f"arn:aws:elasticache:{HERE}:123456789012:replicationgroup:{self.name}-here"
        return self.aws.tell("elasticache", kept=[HERE, arn])


class PromoteElasticache(_Member):
    """The secondary becomes the primary."""

    uses = "promote.elasticache"
    lost = "elasticache:FailoverGlobalReplicationGroup"

    async def spoil(self, settings: Settings) -> Settings:
        """It is in no datastore any more."""
        self.aws.tell("elasticache", apart=[[THERE, f"{self.name}-there"]])
        return settings

    async def effect(self) -> Any:
        """Told where it always is."""
        for _ in range(3):
            roles(self.aws, self.name, HERE)
        return roles(self.aws, self.name, HERE), decided(self.aws, self.name, THERE)


class _Following(_Member):
    async def stand(self) -> Settings:
        """With its upstream."""
        own = await super().stand()
        lagging(self.aws, self.name, 9.0, age=130.0)
        lagging(self.aws, self.name, 0.2, age=-2.0)
        return {**own, "upstream": settings_of(self.aws, self.name, HERE)}

    async def spoil(self, settings: Settings) -> Settings:
        """It is in no datastore any more."""
        self.aws.tell("elasticache", apart=[[THERE, f"{self.name}-there"]])
        return settings

    async def effect(self) -> Any:
        """Told where it always is."""
        return roles(self.aws, self.name, HERE), decided(self.aws, self.name, THERE)


class ReseedElasticache(_Following):
    """A former primary that has become a secondary."""

    uses = "reseed.elasticache"


class CatchUpElasticache(_Following):
    """Nine seconds behind, and less in a moment."""

    uses = "catch_up.elasticache"

    async def stand(self) -> Settings:
        """The upstream has kept this decision."""
        settings = await super().stand()
        arn = f"arn:aws:elasticache:{HERE}:123456789012:replicationgroup:{self.name}-here"
        tags = [{"Key": "evac:epoch", "Value": str(EPOCH)}]
        self.aws.client("elasticache", HERE).add_tags_to_resource(ResourceName=arn, Tags=tags)
        return settings
