"""RDS's whole story, planned and carried out: failover, failback and switchover, with AWS's state around them."""

from collections.abc import Callable

import pytest

from runbooks.models import Procedure, Runbook
from runbooks.plan import Step
from runbooks.steps import Verb
from tests.activities.story import carried_out, looked, planned, runbook
from tests.aws.databases import instance, rds, stand_primary, stand_replica, tell_lag
from tests.aws.world import ACCOUNT, HERE, THERE, World


def stood(aws: World) -> Runbook:
    """A primary here, its replica there, and their runbook."""
    stand_primary(aws, "llm")
    stand_replica(aws, "llm")
    tell_lag(aws, "llm", 1.0, ago=100)
    settings = {region: rds(aws, "llm", region) for region in (HERE, THERE)}
    return runbook("rds", settings)


def measuring(aws: World, region: str) -> Callable[[Step], None]:
    """Before a wait, CloudWatch has heard of the replica since whatever was done last."""
    told = iter((-40, -42, -44, -46))

    def before(step: Step) -> None:
        if step.verb is Verb.CATCH_UP:
            tell_lag(aws, "llm", 0.0, region=step.region or region, ago=next(told))

    return before


def role(aws: World, region: str) -> str | None:
    """Whose replica it is."""
    found: str | None = instance(aws, "llm", region).get("ReadReplicaSourceDBInstanceIdentifier")
    return found


def names(aws: World, region: str) -> list[str]:
    """Of all instances."""
    found = aws.client("rds", region).describe_db_instances()["DBInstances"]
    return sorted(each["DBInstanceIdentifier"] for each in found)


async def test_there_and_back(aws: World) -> None:
    """The replica is promoted, the former primary rebuilt and kept, and everything is led home without loss."""
    book = stood(aws)
    there = await planned(book, Procedure.FAILOVER, HERE)
    assert [step.id for step in there.steps] == [f"fence.vector-db.{HERE}", f"promote.vector-db.{THERE}"]
    assert there.refusals == ()
    await carried_out(there, epoch=7)
    assert role(aws, THERE) is None
    facts = await looked(book)
    assert [(reading.region, reading.values["read_only"]) for reading in facts.readings] == [
        (HERE, True),
        (THERE, False),
    ]
    back = await planned(book, Procedure.FAILBACK, THERE)
    assert [step.id for step in back.steps] == [
        f"reseed.vector-db.{HERE}",
        f"catch_up.vector-db.{HERE}.rebuilt",
        f"catch_up.vector-db.{HERE}.near",
        f"fence.vector-db.{THERE}",
        f"catch_up.vector-db.{HERE}",
        f"promote.vector-db.{HERE}",
        f"reseed.vector-db.{THERE}",
        f"catch_up.vector-db.{THERE}.rebuilt",
    ]
    assert back.refusals == ()
    await carried_out(back, epoch=8, before=measuring(aws, HERE))
    assert (role(aws, HERE), role(aws, THERE)) == (None, f"arn:aws:rds:{HERE}:{ACCOUNT}:db:llm")
    assert [names(aws, region) for region in (HERE, THERE)] == [["llm", "llm-former-8"]] * 2


async def test_a_switchover_loses_nothing(aws: World) -> None:
    """The same out of a living region."""
    book = stood(aws)
    plan = await planned(book, Procedure.SWITCHOVER, HERE)
    assert plan.refusals == ()
    assert plan.loss[0].seconds == 0.0
    await carried_out(plan, epoch=7, before=measuring(aws, THERE))
    assert (role(aws, HERE), role(aws, THERE)) == (f"arn:aws:rds:{THERE}:{ACCOUNT}:db:llm", None)


async def test_a_failover_of_a_silent_region_needs_a_word(aws: World) -> None:
    """Its fence cannot be proved, and how much is lost is bounded by the lag's last value."""
    book = stood(aws)
    aws.bend(f"@{HERE}", "refuse")
    plan = await planned(book, Procedure.FAILOVER, HERE)
    assert [refusal.name for refusal in plan.refusals] == ["unproved-fence:vector-db"]
    assert plan.loss[0].seconds == pytest.approx(101, abs=20)
    results = await carried_out(plan, epoch=7)
    aws.straighten()
    assert results[f"fence.vector-db.{HERE}"].proved is False
    assert role(aws, THERE) is None
    writers = [reading.region for reading in (await looked(book)).readings if reading.values["read_only"] is False]
    assert writers == [HERE, THERE]
    back = await planned(book, Procedure.FAILBACK, THERE)
    assert [refusal.name for refusal in back.refusals] == ["two-writers:vector-db"]
    assert back.steps[0].id == f"fence_former.vector-db.{HERE}"
    await carried_out(back, epoch=8, before=measuring(aws, HERE))
    assert (role(aws, HERE), role(aws, THERE)) == (None, f"arn:aws:rds:{HERE}:{ACCOUNT}:db:llm")
