from tests.activities.calls import perform
from tests.aws.databases import cluster, member, stand_clusters
from tests.aws.world import HERE, THERE, World


async def test_planned_and_unplanned(aws: World) -> None:
    """A failover out, and a switchover back."""
    stand_clusters(aws, "docdb", "llm")
    here, there = cluster(aws, "llm", HERE), cluster(aws, "llm", THERE)
    await perform("promote.docdb", there, within=30)
    assert [member(aws, "llm", region)["writes"] for region in (HERE, THERE)] == [False, True]
    await perform("fence.docdb", there, epoch=8, within=30)
    await perform("promote.docdb", {**here, "upstream": there}, epoch=8, within=30)
    assert [member(aws, "llm", region)["writes"] for region in (HERE, THERE)] == [True, False]
    moves = [asked for asked in aws.asked() if asked.endswith("overGlobalCluster")]
    assert moves == ["rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"]
