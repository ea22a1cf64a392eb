from tests.activities.calls import perform
from tests.aws.databases import cluster, member, stand_clusters
from tests.aws.world import HERE, THERE, World


async def test_awss_own_work_is_waited_for_and_the_fence_lifted(aws: World) -> None:
    """The former primary is synchronized anew; its readers may connect again."""
    stand_clusters(aws, "aurora", "llm")
    here, there = cluster(aws, "llm", HERE), cluster(aws, "llm", THERE)
    had = member(aws, "llm", HERE)["VpcSecurityGroups"]
    aws.tell("rds", resyncs=3)
    await perform("fence.aurora", here, within=20)
    await perform("promote.aurora", there, within=20)
    result = await perform("reseed.aurora", {**here, "upstream": there}, within=30)
    now = member(aws, "llm", HERE)
    assert result.reason.endswith("; its fence was lifted.")
    assert (now["writes"], now["VpcSecurityGroups"]) == (False, had)
    again = await perform("reseed.aurora", {**here, "upstream": there}, within=30)
    assert again.changed is False
