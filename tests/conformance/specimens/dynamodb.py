"""A global table of DynamoDB in two regions: moto has the tables, `FakeGlobalTables` the rest."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.activities.calls import EPOCH
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimen import OnAws, Settings

POLICY = {
    "Version": "2012-10-17",
    "Id": "the-users-own",
    "Statement": [
        {
            "Sid": "Readers",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "dynamodb:GetItem",
            "Resource": "*",
        }
    ],
}
"""What the user has in the policy."""


def stand_table(aws: World, name: str, fenced: str | None = THERE, since: float = 60.0) -> None:
    """A global table in both regions; the fenced one denies writes by an older decision."""
    for region in (HERE, THERE):
        aws.client("dynamodb", region).create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    aws.tell("dynamodb", replicas={name: {HERE: "ACTIVE", THERE: "ACTIVE"}})
    for region in (HERE, THERE):
        fence = {"Sid": f"EvacFence3At{int(time.time() - since)}", "Effect": "Deny", "Principal": "*"}
        more = [{**fence, "Action": "dynamodb:PutItem", "Resource": "*"}] if region == fenced else []
        policy = {**POLICY, "Statement": [*POLICY["Statement"], *more]}
        aws.client("dynamodb", region).put_resource_policy(ResourceArn=arn(name, region), Policy=json.dumps(policy))


def replicated(  # noqa: PLR0913, PLR0917 - a point of a metric
    aws: World, name: str, source: str, receiving: str, took: float, ago: float = 65
) -> None:
    """Replication took so many seconds, a minute ago."""
    point = {
        "MetricName": "ReplicationLatency",
        "Dimensions": [{"Name": "TableName", "Value": name}, {"Name": "ReceivingRegion", "Value": receiving}],
        "Timestamp": datetime.now(UTC) - timedelta(seconds=ago),
        "Value": took * 1000,
        "Unit": "Milliseconds",
    }
    aws.client("cloudwatch", source).put_metric_data(Namespace="AWS/DynamoDB", MetricData=[point])


def arn(name: str, region: str) -> str:
    """The table's."""
    return f"arn:aws:dynamodb:{region}:123456789012:table/{name}"


def policy_of(aws: World, name: str, region: str) -> Any:
    """As DynamoDB shows it."""
    return json.loads(aws.client("dynamodb", region).get_resource_policy(ResourceArn=arn(name, region))["Policy"])


class _Table(OnAws):
    there = THERE

    async def stand(self) -> Settings:
        """Written here, fenced there."""
        stand_table(self.aws, self.name)
        return self.aws.settings(self.there, table=self.name)

    async def effect(self) -> Any:
        """Both policies, but for when they were set."""
        return [self._shown(region) for region in (HERE, THERE)]

    async def absent(self, settings: Settings) -> Settings:
        """Another table."""
        return {**settings, "table": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """It is being deleted."""
        self.aws.tell("dynamodb", status={arn(self.name, settings["aws_region"]): "DELETING"})
        return settings

    def _shown(self, region: str) -> Any:
        policy = policy_of(self.aws, self.name, region)
        for one in policy["Statement"]:
            one["Sid"] = one["Sid"].partition("At")[0]
        return policy


class DetectDynamodb(_Table):
    """A look at the standby."""

    uses = "detect.dynamodb"

    async def spoil(self, settings: Settings) -> Settings:
        """It is cut off from the global table."""
        self.aws.tell("dynamodb", status={arn(self.name, settings["aws_region"]): "REPLICATION_NOT_AUTHORIZED"})
        return settings


class FenceDynamodb(_Table):
    """The writer is fenced."""

    uses = "fence.dynamodb"
    there = HERE


class PromoteDynamodb(_Table):
    """The standby is opened."""

    uses = "promote.dynamodb"


class ReseedDynamodb(_Table):
    """Two writers: one of them becomes the standby of the other."""

    uses = "reseed.dynamodb"

    async def stand(self) -> Settings:
        """Nothing is fenced."""
        stand_table(self.aws, self.name, fenced=None)
        return self.aws.settings(THERE, table=self.name, upstream=self.aws.settings(HERE, table=self.name))

    async def spoil(self, settings: Settings) -> Settings:
        """It is no replica any more."""
        self.aws.tell("dynamodb", replicas={self.name: {}})
        return settings


class CatchUpDynamodb(_Table):
    """The writer was fenced this moment."""

    uses = "catch_up.dynamodb"
    _QUIET = 2.0

    async def stand(self) -> Settings:
        """The upstream has kept this decision, as its fence has noted it."""
        stand_table(self.aws, self.name, fenced=HERE, since=0.0)
        tags = [{"Key": "evac:epoch", "Value": str(EPOCH)}]
        self.aws.client("dynamodb", HERE).tag_resource(ResourceArn=arn(self.name, HERE), Tags=tags)
        upstream = self.aws.settings(HERE, table=self.name)
        return self.aws.settings(THERE, table=self.name, upstream=upstream, exact=True, quiet=self._QUIET)

    async def spoil(self, settings: Settings) -> Settings:
        """The upstream takes writes."""
        name = arn(self.name, HERE)
        self.aws.client("dynamodb", HERE).put_resource_policy(ResourceArn=name, Policy=json.dumps(POLICY))
        return settings
