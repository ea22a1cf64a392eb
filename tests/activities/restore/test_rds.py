from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.databases import rds, stand_primary
from tests.aws.world import HERE, World


def stood(aws: World, **more: Any) -> dict[str, Any]:
    """An instance, of which RDS has made a snapshot of itself."""
    stand_primary(aws, "llm")
    return rds(aws, "llm", HERE, **more)


def instances(aws: World) -> list[str]:
    """All names."""
    return [found["DBInstanceIdentifier"] for found in aws.client("rds").describe_db_instances()["DBInstances"]]


async def test_the_newest_snapshot_is_restored_aside_and_removed(aws: World) -> None:
    """Behind the fenced group; nothing of it is left, and the instance itself is untouched."""
    result = await perform("restore.rds", stood(aws), within=30)
    assert result.proved
    assert result.reason.startswith("Snapshot rds:llm-")
    assert result.reason.endswith("s, and was removed.")
    assert isinstance(result.after["backup_age"], float)
    assert instances(aws) == ["llm"]
    changes = aws.asked(changes=True)
    assert changes[-2:] == ["rds:RestoreDBInstanceFromDBSnapshot", "rds:DeleteDBInstance"]


async def test_no_snapshot_is_said(aws: World) -> None:
    """It is no error: it is the answer."""
    settings = stood(aws)
    result = await perform("restore.rds", {**settings, "instance": "none"}, within=30)
    assert (result.proved, result.reason) == (False, "There is no snapshot of none in eu-west-1.")


async def test_an_old_snapshot_is_said(aws: World) -> None:
    """It was restored all the same."""
    result = await perform("restore.rds", stood(aws, max_age=0.001), within=30)
    assert result.proved is False
    assert result.reason.endswith("s old, and 0 s are allowed.")
    assert instances(aws) == ["llm"]


async def test_queries_are_not_passed_over_in_silence(aws: World) -> None:
    """A proof that was demanded and not made is none."""
    result = await perform("restore.rds", stood(aws, queries=[{"sql": "SELECT 1"}]), within=30)
    assert (result.proved, "Queries cannot be asked" in result.reason) == (False, True)


async def test_killed_in_between_it_goes_on_and_cleans_up(aws: World) -> None:
    """The second attempt finds what the first has begun, restores no second one, and removes it."""
    settings = stood(aws)
    aws.bend("rds:DeleteDBInstance", "deny", times=1)
    await refused("restore.rds", settings, ErrorType.DENIED, within=30)
    assert len(instances(aws)) == 2
    assert (await perform("restore.rds", settings, within=30)).proved
    assert instances(aws) == ["llm"]
    assert aws.asked().count("rds:RestoreDBInstanceFromDBSnapshot") == 1


async def test_the_check_restores_nothing(aws: World) -> None:
    """It says how old the newest one is."""
    settings = stood(aws)
    before = aws.asked(changes=True)
    result = await perform("restore.rds.check", settings, within=30)
    assert (result.proved, result.reason.endswith("is there.")) == (True, True)
    assert aws.asked(changes=True) == before
