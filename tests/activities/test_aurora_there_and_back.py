"""Global clusters, planned and carried out: failover, failback and switchover, with AWS's state around them."""

from collections.abc import Callable

import pytest

from runbooks.models import Procedure, Runbook
from runbooks.plan import Step
from runbooks.steps import Verb
from tests.activities.story import carried_out, looked, planned, runbook
from tests.aws.databases import cluster, member, stand_clusters, tell_cluster_lag
from tests.aws.world import HERE, THERE, World


def stood(aws: World, kind: str) -> Runbook:
    """Two clusters, and their runbook."""
    stand_clusters(aws, kind, "llm")
    tell_cluster_lag(aws, kind, "llm", 80.0, ago=100)
    return runbook(kind, {region: cluster(aws, "llm", region) for region in (HERE, THERE)})


def measuring(aws: World, kind: str) -> Callable[[Step], None]:
    """Before a wait, CloudWatch has heard of the secondary."""

    def before(step: Step) -> None:
        if step.verb is Verb.CATCH_UP:
            tell_cluster_lag(aws, kind, "llm", 40.0, region=step.region or "")

    return before


def writes(aws: World) -> list[bool | None]:
    """Who does, here and there."""
    return [member(aws, "llm", region)["writes"] for region in (HERE, THERE)]


@pytest.mark.parametrize("kind", ["aurora", "docdb", "neptune"])
async def test_there_and_back(aws: World, kind: str) -> None:
    """A failover that accepts loss; AWS makes the former primary follow; everything is led home by a switchover."""
    book = stood(aws, kind)
    there = await planned(book, Procedure.FAILOVER, HERE)
    assert there.refusals == ()
    await carried_out(there, epoch=7)
    assert writes(aws) == [False, True]
    assert [reading.values["role"] for reading in (await looked(book)).readings] == ["standby", "primary"]
    tell_cluster_lag(aws, kind, "llm", 40.0, region=HERE)
    back = await planned(book, Procedure.FAILBACK, THERE)
    assert back.refusals == ()
    assert [step.id for step in back.steps] == [
        f"catch_up.vector-db.{HERE}.near",
        f"fence.vector-db.{THERE}",
        f"catch_up.vector-db.{HERE}",
        f"promote.vector-db.{HERE}",
        f"reseed.vector-db.{THERE}",
        f"catch_up.vector-db.{THERE}.rebuilt",
    ]
    await carried_out(back, epoch=8, before=measuring(aws, kind))
    assert writes(aws) == [True, False]
    tags = {tag["Key"] for tag in member(aws, "llm", HERE)["TagList"] + member(aws, "llm", THERE)["TagList"]}
    assert tags == {"evac:epoch"}


async def test_a_switchover_loses_nothing(aws: World) -> None:
    """AWS is asked for a switchover, never for a failover."""
    book = stood(aws, "aurora")
    plan = await planned(book, Procedure.SWITCHOVER, HERE)
    assert plan.refusals == ()
    await carried_out(plan, epoch=7, before=measuring(aws, "aurora"))
    assert writes(aws) == [False, True]
    assert "rds:FailoverGlobalCluster" not in aws.asked()


async def test_a_silent_region_is_left_behind(aws: World) -> None:
    """The failover goes on without its word, once that is accepted; it comes back as a secondary."""
    book = stood(aws, "aurora")
    aws.bend(f"@{HERE}", "refuse")
    plan = await planned(book, Procedure.FAILOVER, HERE)
    assert [refusal.name for refusal in plan.refusals] == ["unproved-fence:vector-db"]
    results = await carried_out(plan, epoch=7)
    aws.straighten()
    assert results[f"fence.vector-db.{HERE}"].proved is False
    assert writes(aws) == [False, True]
