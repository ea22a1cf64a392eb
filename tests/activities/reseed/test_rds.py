from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.databases import instance, rds, stand_primary, stand_replica
from tests.aws.world import HERE, THERE, World


async def failed_over(aws: World) -> dict[str, Any]:
    """The settings of the former primary, fenced; its replica was promoted."""
    stand_primary(aws, "llm", DBInstanceClass="db.r6g.xlarge", Port=6000)
    stand_replica(aws, "llm")
    here, there = rds(aws, "llm", HERE), rds(aws, "llm", THERE)
    await perform("fence.rds", here, within=20)
    await perform("promote.rds", there, within=20)
    return {**here, "upstream": there}


async def test_the_former_primary_is_kept_twice(aws: World) -> None:
    """As a snapshot and under another name, still fenced; the new replica has its class, port and own groups."""
    stood = await failed_over(aws)
    tags = {tag["Key"]: tag["Value"] for tag in instance(aws, "llm", HERE)["TagList"]}
    result = await perform("reseed.rds", stood, within=20)
    new, old = instance(aws, "llm", HERE), instance(aws, "llm-former-7", HERE)
    (snapshot,) = aws.client("rds").describe_db_snapshots(DBSnapshotIdentifier="llm-evac-7")["DBSnapshots"]
    assert result.reason.endswith("what was there is kept as llm-former-7, and in the snapshot llm-evac-7.")
    assert (result.after["former"], result.after["snapshot"]) == ("llm-former-7", "llm-evac-7")
    assert new["ReadReplicaSourceDBInstanceIdentifier"] == instance(aws, "llm", THERE)["DBInstanceArn"]
    assert (new["DBInstanceClass"], new["Endpoint"]["Port"]) == ("db.r6g.xlarge", 6000)
    assert [group["VpcSecurityGroupId"] for group in new["VpcSecurityGroups"]] == [tags["evac:fence-of"]]
    assert [group["VpcSecurityGroupId"] for group in old["VpcSecurityGroups"]] == [stood["fenced_group"]]
    assert snapshot["Status"] == "available"
    assert not [asked for asked in aws.asked() if "Delete" in asked]


async def test_an_unfenced_former_primary_is_left(aws: World) -> None:
    """Whoever writes to it would lose that."""
    stood = await failed_over(aws)
    await perform("fence.rds.undo", {key: stood[key] for key in stood if key != "upstream"}, within=20)
    sentence = await refused("reseed.rds", stood, ErrorType.WRONG_STATE, within=20)
    assert sentence == "llm in eu-west-1 may still take writes: fence it first."


async def test_killed_after_the_renaming_it_goes_on(aws: World) -> None:
    """The replica is then created as the former instance was, found by its new name."""
    stood = await failed_over(aws)
    aws.bend("rds:CreateDBInstanceReadReplica", "deny", times=1)
    await refused("reseed.rds", stood, ErrorType.DENIED, within=20)
    renames = aws.asked().count("rds:ModifyDBInstance")
    result = await perform("reseed.rds", stood, within=20)
    assert result.changed
    assert aws.asked().count("rds:ModifyDBInstance") == renames
    assert instance(aws, "llm", HERE)["DBInstanceClass"] == "db.r6g.xlarge"


async def test_what_is_gone_is_made_anew(aws: World) -> None:
    """Of an instance that was deleted by hand nothing is left to be kept."""
    stood = await failed_over(aws)
    aws.client("rds").delete_db_instance(DBInstanceIdentifier="llm", SkipFinalSnapshot=True)
    result = await perform("reseed.rds", {**stood, "instance_class": "db.r6g.large"}, within=20)
    assert result.reason == f"llm is a new replica of {instance(aws, 'llm', THERE)['DBInstanceArn']}."


async def test_slow_as_aws_is(aws: World) -> None:
    """`renaming` and `creating` are waited for."""
    stood = await failed_over(aws)
    aws.tell("rds", looks=1)
    assert (await perform("reseed.rds", stood, within=60)).changed


async def test_an_upstream_without_backups_is_said(aws: World) -> None:
    """AWS would refuse it in words of its own, after the former one was renamed."""
    stood = await failed_over(aws)
    aws.tell("rds", region=THERE, instance="llm", put={"_backup_retention_period": 0})
    sentence = await refused("reseed.rds", stood, ErrorType.WRONG_STATE, within=20)
    assert "keeps no backups: nothing can replicate from it" in sentence
