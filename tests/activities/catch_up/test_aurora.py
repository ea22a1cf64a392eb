from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.databases import cluster, stand_clusters, tell_cluster_lag
from tests.aws.world import HERE, THERE, World


async def test_in_a_managed_move_the_rest_is_awss(aws: World) -> None:
    """Exactly everything is what its switchover waits for; it must be near, and the primary fenced."""
    stand_clusters(aws, "aurora", "llm")
    settings = cluster(aws, "llm", THERE, upstream=cluster(aws, "llm", HERE), exact=True)
    tell_cluster_lag(aws, "aurora", "llm", 90.0)
    sentence = await refused("catch_up.aurora", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence == f"llm-{HERE} is not fenced, and may write on: fence it first."
    await perform("fence.aurora", settings["upstream"], within=20)
    result = await perform("catch_up.aurora", settings, within=20)
    assert result.reason == f"llm-{THERE} is 0.1 s behind, and nobody writes: AWS's switchover waits for the rest."
    sentence = await refused("catch_up.aurora", {**settings, "unmanaged": True}, ErrorType.NOT_YET, within=3.0)
    assert "should have everything from before the fence" in sentence
