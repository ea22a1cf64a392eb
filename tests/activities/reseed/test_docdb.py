from tests.activities.calls import perform
from tests.aws.databases import cluster, member, stand_clusters
from tests.aws.world import HERE, THERE, World


async def test_the_former_primary_follows_and_can_be_reached(aws: World) -> None:
    """AWS makes a secondary of it; the fence is lifted."""
    stand_clusters(aws, "docdb", "llm")
    had = member(aws, "llm", HERE)["VpcSecurityGroups"]
    here, there = cluster(aws, "llm", HERE), cluster(aws, "llm", THERE)
    await perform("fence.docdb", here, within=30)
    await perform("promote.docdb", there, within=30)
    await perform("reseed.docdb", {**here, "upstream": there}, within=30)
    now = member(aws, "llm", HERE)
    assert (now["writes"], now["VpcSecurityGroups"]) == (False, had)
