from runbooks.steps import Reading
from tests.activities.calls import perform
from tests.aws.databases import cluster, stand_clusters, tell_cluster_lag
from tests.aws.world import HERE, THERE, World


async def seen(aws: World, region: str) -> Reading:
    """The reading."""
    reading = (await perform("detect.aurora", cluster(aws, "llm", region), within=20)).reading
    assert reading is not None
    return reading


async def test_both_tell_their_roles(aws: World) -> None:
    """The lag is told in milliseconds, and kept in seconds."""
    stand_clusters(aws, "aurora", "llm")
    tell_cluster_lag(aws, "aurora", "llm", 250.0)
    here, there = await seen(aws, HERE), await seen(aws, THERE)
    assert here.reason == f"llm-{HERE} is the primary of 1 secondary clusters."
    assert list(here.values["standbys"]) == [f"{THERE}:llm-{THERE}"]  # type: ignore[arg-type, call-overload]
    assert there.reason.startswith(f"llm-{THERE} is a secondary cluster, 0.2 s behind")
    assert (there.values["role"], there.values["lag_seconds"]) == ("standby", 0.25)


async def test_a_cluster_without_an_instance_takes_nothing_over(aws: World) -> None:
    """AWS allows such secondaries; they are cheap, and must be filled first."""
    stand_clusters(aws, "aurora", "llm")
    aws.client("rds", THERE).delete_db_instance(DBInstanceIdentifier=f"llm-{THERE}-1", SkipFinalSnapshot=True)
    reading = await seen(aws, THERE)
    assert (reading.state, reading.reason) == (
        "unhealthy",
        f"llm-{THERE} has no instance: it can take nothing over. Add one.",
    )
