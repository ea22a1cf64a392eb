from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.databases import cluster, stand_clusters, tell_cluster_lag
from tests.aws.world import HERE, THERE, World


async def test_near_by_its_own_metric(aws: World) -> None:
    """What Neptune has not told is not near; what it has is."""
    stand_clusters(aws, "neptune", "llm")
    settings = cluster(aws, "llm", THERE, upstream=cluster(aws, "llm", HERE))
    await refused("catch_up.neptune", settings, ErrorType.NOT_YET, within=3.0)
    tell_cluster_lag(aws, "neptune", "llm", 700.0)
    result = await perform("catch_up.neptune", settings, within=20)
    assert result.reason == f"llm-{THERE} is 0.7 s behind, which is near enough."
