from datetime import UTC, datetime, timedelta
from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.aurora_capacity import stand_cluster

USES = "scale.aurora_capacity"


def stood(aws: World, least: float, most: float = 16, region: str = HERE) -> dict[str, Any]:
    """A serverless cluster that keeps so many units."""
    stand_cluster(aws, region, "vectors", (least, most))
    return aws.settings(region, cluster="vectors")


def bounds(aws: World) -> dict[str, float]:
    """As RDS has them."""
    cluster = aws.client("rds").describe_db_clusters(DBClusterIdentifier="vectors")["DBClusters"][0]
    found: dict[str, float] = cluster["ServerlessV2ScalingConfiguration"]
    return found


async def test_its_largest_capacity_is_raised_only_when_it_must(aws: World) -> None:
    """Eight units fit in sixteen; 24 do not. The decision is in the cluster's tags."""
    settings = stood(aws, 0.5)
    await perform(USES, {**settings, "replicas": 8}, within=10.0)
    assert bounds(aws) == {"MinCapacity": 8, "MaxCapacity": 16}
    result = await perform(USES, {**settings, "replicas": 24}, within=10.0)
    assert (result.reason, bounds(aws)) == (
        "24 ACU are ready; before there were 8.",
        {"MinCapacity": 24, "MaxCapacity": 24},
    )
    tags = aws.client("rds").describe_db_clusters(DBClusterIdentifier="vectors")["DBClusters"][0]["TagList"]
    assert tags == [{"Key": "evac:epoch", "Value": str(EPOCH)}]


async def test_it_is_never_lowered_while_failing_over(aws: World) -> None:
    """More than is needed is left alone."""
    result = await perform(USES, {**stood(aws, 8), "replicas": 4}, within=10.0)
    assert (result.changed, result.reason) == (False, "8 ACU are ready already, and 4 are needed.")


async def test_half_a_unit_is_brought_back(aws: World) -> None:
    """The undo knows what there was, to the half unit."""
    settings = {**stood(aws, 0.5, 4), "replicas": 8}
    done = await perform(USES, settings, within=10.0)
    undone = await perform(f"{USES}.undo", settings, within=10.0, before=done.before)
    assert (undone.changed, bounds(aws)) == (True, {"MinCapacity": 0.5, "MaxCapacity": 4})


async def test_another_change_under_way_is_waited_for(aws: World) -> None:
    """RDS changes a cluster once at a time."""
    settings = stood(aws, 1)
    aws.tell("rds", modifying=1.0)
    aws.client("rds").modify_db_cluster(
        DBClusterIdentifier="vectors", ServerlessV2ScalingConfiguration={"MinCapacity": 2, "MaxCapacity": 16}
    )
    result = await perform(USES, {**settings, "replicas": 8}, within=20.0)
    assert (result.changed, bounds(aws)["MinCapacity"]) == (True, 8)


async def test_a_cluster_of_fixed_size_is_refused(aws: World) -> None:
    """The setting would do nothing there, and nobody would know."""
    stand_cluster(aws, HERE, "vectors", (1, 4), kind="db.r6g.large")
    settings = aws.settings(cluster="vectors", replicas=8)
    sentence = await refused(USES, settings, ErrorType.BAD_SETTINGS, within=10.0)
    assert sentence.startswith("The Aurora cluster vectors (us-east-1) has no instance of class db.serverless")


async def test_it_may_be_sized_by_the_most_that_the_other_region_used(aws: World) -> None:
    """Its least capacity says little there: CloudWatch knows what it grew to."""
    there = stood(aws, 1, region=THERE)
    settings = {**stood(aws, 1), "replicas": 4, "upstream": there, "match": {"of": "24h-maximum", "percent": 50}}
    aws.client("cloudwatch", THERE).put_metric_data(
        Namespace="AWS/RDS",
        MetricData=[
            {
                "MetricName": "ServerlessDatabaseCapacity",
                "Dimensions": [{"Name": "DBClusterIdentifier", "Value": "vectors"}],
                "Timestamp": datetime.now(UTC) - timedelta(hours=2),
                "Value": 12.0,
            }
        ],
    )
    result = await perform(USES, settings, within=10.0)
    assert bounds(aws)["MinCapacity"] == 6
    assert "50% of what eu-west-1 ran at most within 24 hours is 6 (12 there)" in result.reason
