from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.databases import instance, rds, stand_primary, stand_replica
from tests.aws.world import HERE, THERE, World

_QUICK = {"connect_timeout": 0.5, "read_timeout": 0.5}


async def test_a_fenced_instance_lets_nobody_in_and_was_restarted(aws: World) -> None:
    """Its own groups are kept in a tag; open connections end by a restart, which AWS's events tell of."""
    stand_primary(aws, "llm")
    stand_replica(aws, "llm")
    settings = rds(aws, "llm", HERE)
    had = instance(aws, "llm", HERE)["VpcSecurityGroups"]
    result = await perform("fence.rds", settings, within=20)
    now = instance(aws, "llm", HERE)
    tags = {tag["Key"]: tag["Value"] for tag in now["TagList"]}
    events = aws.client("rds").describe_events(SourceIdentifier="llm", SourceType="db-instance")["Events"]
    assert result.proved
    assert result.reason.endswith("alone, and was restarted behind it.")
    assert [group["VpcSecurityGroupId"] for group in now["VpcSecurityGroups"]] == [settings["fenced_group"]]
    assert tags["evac:fence-of"] == had[0]["VpcSecurityGroupId"]
    assert [event["Message"] for event in events][-1] == "DB instance restarted"


async def test_a_silent_region_is_no_proof(aws: World) -> None:
    """The recovery goes on, and a person or a policy says whether it may."""
    stand_primary(aws, "llm")
    settings = rds(aws, "llm", HERE)
    aws.bend(f"@{HERE}", "refuse")
    result = await perform("fence.rds", settings, within=20)
    aws.straighten()
    assert (result.changed, result.proved) == (False, False)
    assert result.reason.startswith("It could not be fenced in eu-west-1, and may still take writes.")


async def test_a_hanging_region_is_no_proof_either(aws: World) -> None:
    """It is given up in time."""
    stand_primary(aws, "llm")
    settings = {**rds(aws, "llm", HERE), **_QUICK}
    aws.bend(f"@{HERE}", "hang")
    result = await perform("fence.rds", settings, within=20)
    aws.straighten()
    assert (result.changed, result.proved) == (False, False)


async def test_a_replica_needs_no_fence(aws: World) -> None:
    """It takes no writes, and keeps its groups."""
    stand_primary(aws, "llm")
    stand_replica(aws, "llm")
    result = await perform("fence.rds", rds(aws, "llm", THERE), within=20)
    assert (result.changed, result.proved, result.reason) == (False, True, "llm is a replica: it takes no writes.")


async def test_a_stopped_instance_takes_no_writes(aws: World) -> None:
    """It is said how long that lasts."""
    stand_primary(aws, "llm")
    aws.client("rds").stop_db_instance(DBInstanceIdentifier="llm")
    result = await perform("fence.rds", rds(aws, "llm", HERE), within=20)
    assert (result.changed, result.proved) == (False, True)
    assert result.reason == "llm is stopped: AWS starts it again after seven days."


async def test_slow_changes_are_waited_for(aws: World) -> None:
    """`modifying` and `rebooting` are progress: the fence is proved when both are over, and undone as slowly."""
    stand_primary(aws, "llm")
    had = instance(aws, "llm", HERE)["VpcSecurityGroups"]
    aws.tell("rds", looks=1)
    settings = rds(aws, "llm", HERE)
    assert (await perform("fence.rds", settings, within=40)).proved
    undone = await perform("fence.rds.undo", settings, within=40)
    now = instance(aws, "llm", HERE)
    assert undone.changed
    assert now["VpcSecurityGroups"] == had
    assert "evac:fence-of" not in {tag["Key"] for tag in now["TagList"]}


async def test_a_fence_of_a_newer_decision_is_left(aws: World) -> None:
    """An undo that comes late lifts nothing."""
    stand_primary(aws, "llm")
    settings = rds(aws, "llm", HERE)
    await perform("fence.rds", settings, epoch=8, within=20)
    sentence = await refused("fence.rds.undo", settings, ErrorType.STALE_EPOCH, epoch=7, within=20)
    assert sentence.startswith("llm in eu-west-1 was changed by decision 8")
