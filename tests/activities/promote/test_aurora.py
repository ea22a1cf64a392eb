from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.databases import cluster, member, stand_clusters, tell_cluster_lag
from tests.aws.world import HERE, THERE, World


def pair(aws: World, **more: Any) -> dict[str, Any]:
    """Two clusters; the settings of a planned promotion."""
    stand_clusters(aws, "aurora", "llm")
    return cluster(aws, "llm", THERE, upstream=cluster(aws, "llm", HERE), **more)


def writes(aws: World) -> list[bool | None]:
    """Who does, here and there; None: apart from the global cluster."""
    return [member(aws, "llm", region)["writes"] for region in (HERE, THERE)]


async def test_unplanned_it_accepts_loss(aws: World) -> None:
    """AWS takes a while, in which the cluster is no primary yet."""
    settings = {**pair(aws), "upstream": None}
    aws.tell("rds", cluster_looks=2)
    result = await perform("promote.aurora", settings, within=30)
    assert result.reason.endswith("whatever that has besides.")
    assert writes(aws) == [False, True]
    assert aws.asked().count("rds:FailoverGlobalCluster") == 1


async def test_planned_it_is_a_switchover(aws: World) -> None:
    """Of a primary that is fenced; never a failover that may lose something."""
    settings = pair(aws)
    sentence = await refused("promote.aurora", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence.startswith(f"llm-{HERE} is not fenced: promoted now, its clients would lose what they write.")
    await perform("fence.aurora", settings["upstream"], within=20)
    result = await perform("promote.aurora", settings, within=20)
    assert "was switched over from" in result.reason
    assert writes(aws) == [False, True]
    assert "rds:FailoverGlobalCluster" not in aws.asked()


async def test_a_move_that_was_begun_is_waited_for(aws: World) -> None:
    """Whoever began it: a second one is never asked for."""
    settings = {**pair(aws), "upstream": None}
    aws.tell("rds", cluster_looks=3)
    aws.bend("rds:FailoverGlobalCluster", "lose", times=1)
    for _ in range(3):
        try:
            await perform("promote.aurora", settings, within=20)
            break
        except Exception:  # noqa: BLE001, S112 - the lost answer: Temporal would try again
            continue
    assert aws.asked().count("rds:FailoverGlobalCluster") == 1
    assert writes(aws) == [False, True]


async def test_a_former_primary_that_is_not_in_step_waits(aws: World) -> None:
    """After a failover AWS synchronizes it anew; before that nothing goes home."""
    settings = pair(aws)
    aws.tell("rds", resyncs=50)
    await perform("promote.aurora", {**settings, "upstream": None}, within=20)
    home = cluster(aws, "llm", HERE, upstream=cluster(aws, "llm", THERE))
    await perform("fence.aurora", home["upstream"], within=20)
    sentence = await refused("promote.aurora", home, ErrorType.NOT_YET, within=20)
    assert sentence.endswith("it must have everything from before the fence.")
    assert writes(aws) == [False, True]


async def test_unmanaged_it_is_taken_out(aws: World) -> None:
    """It stands alone then; planned, only when CloudWatch has told that it has everything."""
    settings = pair(aws, unmanaged=True)
    tell_cluster_lag(aws, "aurora", "llm", 50.0, ago=100)
    await perform("fence.aurora", settings["upstream"], within=20)
    await refused("promote.aurora", settings, ErrorType.NOT_YET, within=20)
    tell_cluster_lag(aws, "aurora", "llm", 50.0, ago=-30)
    result = await perform("promote.aurora", settings, within=20)
    assert result.reason == f"llm-{THERE} takes writes: it was taken out of llm."
    assert writes(aws) == [True, None]
    again = {**cluster(aws, "llm", HERE), "upstream": cluster(aws, "llm", THERE)}
    sentence = await refused("reseed.aurora", again, ErrorType.WRONG_STATE, within=20)
    assert sentence.startswith(f"llm-{THERE} was taken out of llm: make a global cluster of it")
