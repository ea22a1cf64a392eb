from tests.activities.calls import perform
from tests.aws.databases import cluster, fenced_group, member, stand_clusters
from tests.aws.world import HERE, THERE, World


async def test_a_fenced_cluster_lets_nobody_in(aws: World) -> None:
    """Its groups are swapped, and its writer is restarted."""
    stand_clusters(aws, "aurora", "llm")
    result = await perform("fence.aurora", cluster(aws, "llm", HERE), within=20)
    events = aws.client("rds").describe_events(SourceIdentifier=f"llm-{HERE}-1", SourceType="db-instance")["Events"]
    assert result.proved
    assert [group["VpcSecurityGroupId"] for group in member(aws, "llm", HERE)["VpcSecurityGroups"]] == [
        fenced_group(aws, HERE)
    ]
    assert events[-1]["Message"] == "DB instance restarted"


async def test_a_silent_region_is_left_to_aws(aws: World) -> None:
    """That AWS will fence it is said, and is no proof."""
    stand_clusters(aws, "aurora", "llm")
    settings = cluster(aws, "llm", HERE)
    aws.bend(f"@{HERE}", "refuse")
    managed = await perform("fence.aurora", settings, within=20)
    own = await perform("fence.aurora", {**settings, "unmanaged": True}, within=20)
    aws.straighten()
    assert (managed.proved, own.proved) == (False, False)
    assert managed.reason.endswith("A managed failover has AWS fence it, as soon as AWS can reach it.")
    assert "AWS fence" not in own.reason


async def test_a_secondary_needs_no_fence(aws: World) -> None:
    """It takes no writes."""
    stand_clusters(aws, "aurora", "llm")
    result = await perform("fence.aurora", cluster(aws, "llm", THERE), within=20)
    assert (result.changed, result.proved) == (False, True)
