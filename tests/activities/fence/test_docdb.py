from tests.activities.calls import perform
from tests.aws.databases import cluster, fenced_group, member, stand_clusters
from tests.aws.world import HERE, World


async def test_fenced_and_undone(aws: World) -> None:
    """A DocumentDB cluster has the fenced group alone, and then its own again."""
    stand_clusters(aws, "docdb", "llm")
    had, settings = member(aws, "llm", HERE)["VpcSecurityGroups"], cluster(aws, "llm", HERE)
    fenced = await perform("fence.docdb", settings, within=30)
    now = member(aws, "llm", HERE)["VpcSecurityGroups"]
    await perform("fence.docdb.undo", settings, within=30)
    assert fenced.proved
    assert [group["VpcSecurityGroupId"] for group in now] == [fenced_group(aws, HERE)]
    assert member(aws, "llm", HERE)["VpcSecurityGroups"] == had
