from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.databases import instance, rds, stand_primary, stand_replica, tell_lag
from tests.aws.world import HERE, THERE, World


def pair(aws: World, **more: Any) -> dict[str, Any]:
    """A primary and its replica; the settings of a planned promotion."""
    stand_primary(aws, "llm", **more)
    stand_replica(aws, "llm")
    return rds(aws, "llm", THERE, upstream=rds(aws, "llm", HERE))


async def test_a_promoted_replica_keeps_backups(aws: World) -> None:
    """Without them nothing could replicate from it."""
    settings = {**pair(aws), "upstream": None, "backup_retention": 14}
    aws.tell("rds", looks=1)
    result = await perform("promote.rds", settings, within=30)
    now = instance(aws, "llm", THERE)
    assert (
        result.reason == "llm takes writes: its replication from arn:aws:rds:us-east-1:123456789012:db:llm was ended."
    )
    assert (now.get("ReadReplicaSourceDBInstanceIdentifier"), now["BackupRetentionPeriod"]) == (None, 14)


async def test_planned_it_waits_for_the_fence(aws: World) -> None:
    """Two writers must never be."""
    sentence = await refused("promote.rds", pair(aws), ErrorType.WRONG_STATE, within=20)
    assert sentence == "llm is not fenced: promoted now, there would be two writers. Fence it first."
    assert "rds:PromoteReadReplica" not in aws.asked()


async def test_planned_it_must_have_everything(aws: World) -> None:
    """What CloudWatch said before the fence proves nothing; a value of after the fence does."""
    settings = pair(aws)
    tell_lag(aws, "llm", 0.0, ago=100)
    await perform("fence.rds", settings["upstream"], within=20)
    sentence = await refused("promote.rds", settings, ErrorType.NOT_YET, within=20)
    assert sentence == "llm is 0.0 s behind: it must have everything from before the fence."
    tell_lag(aws, "llm", 0.0, ago=-30)
    assert (await perform("promote.rds", settings, within=20)).changed


async def test_what_was_promoted_by_hand_is_recognised(aws: World) -> None:
    """It gets the decision's number, and no second promotion."""
    settings = {**pair(aws), "upstream": None}
    aws.client("rds", THERE).promote_read_replica(DBInstanceIdentifier="llm")
    before = aws.asked().count("rds:PromoteReadReplica")
    result = await perform("promote.rds", settings, within=20)
    again = await perform("promote.rds", settings, within=20)
    assert result.reason == "llm takes writes: it was promoted before (available)."
    assert (again.changed, again.reason) == (False, "llm is a primary already.")
    assert aws.asked().count("rds:PromoteReadReplica") == before


async def test_oracle_is_switched_over_when_it_is_planned(aws: World) -> None:
    """RDS itself makes a replica of the old primary."""
    settings = pair(aws, Engine="oracle-ee")
    await perform("promote.rds", settings, within=20)
    old = instance(aws, "llm", HERE)
    assert old["ReadReplicaSourceDBInstanceIdentifier"] == instance(aws, "llm", THERE)["DBInstanceArn"]
    reseeded = await perform("reseed.rds", {**settings["upstream"], "upstream": rds(aws, "llm", THERE)}, within=20)
    assert (reseeded.changed, reseeded.reason.split(" from")[0]) == (False, "llm replicates")
