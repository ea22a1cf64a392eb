from tests.activities.calls import perform
from tests.aws.databases import cluster, stand_clusters, tell_cluster_lag
from tests.aws.world import THERE, World


async def test_its_lag_is_read_where_docdb_keeps_it(aws: World) -> None:
    """In AWS/DocDB, in milliseconds; what another family tells of a cluster of that name is none of it."""
    stand_clusters(aws, "docdb", "llm")
    tell_cluster_lag(aws, "aurora", "llm", 9000.0)
    before = (await perform("detect.docdb", cluster(aws, "llm", THERE), within=20)).reading
    tell_cluster_lag(aws, "docdb", "llm", 1500.0)
    after = (await perform("detect.docdb", cluster(aws, "llm", THERE), within=20)).reading
    assert before is not None
    assert after is not None
    assert (before.values["lag_seconds"], after.values["lag_seconds"]) == (None, 1.5)
    assert after.reason == f"llm-{THERE} is a secondary cluster, 1.5 s behind."
