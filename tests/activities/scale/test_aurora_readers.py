from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.aurora_readers import instances, stand_readers

USES = "scale.aurora_readers"


def stood(aws: World, readers: int, **more: Any) -> dict[str, Any]:
    """A cluster of so many readers."""
    stand_readers(aws, HERE, "vectors", readers)
    return aws.settings(cluster="vectors", **more)


async def test_readers_are_added_like_the_writer(aws: World) -> None:
    """Of its class unless another is said, promoted last, and with the decision in their tags."""
    settings = stood(aws, 1)
    result = await perform(USES, {**settings, "replicas": 2}, within=10.0)
    assert result.reason == "2 readers are ready; before there were 1."
    await perform(USES, {**settings, "replicas": 3, "instance_class": "db.r6g.xlarge"}, within=10.0)
    assert instances(aws, HERE, "vectors") == ["vectors-0", "vectors-1", "vectors-evac-01", "vectors-evac-02"]
    rds = aws.client("rds")
    found = {one["DBInstanceIdentifier"]: one for one in rds.describe_db_instances()["DBInstances"]}
    assert found["vectors-evac-01"]["DBInstanceClass"] == "db.r6g.large"
    assert found["vectors-evac-02"]["DBInstanceClass"] == "db.r6g.xlarge"
    assert found["vectors-evac-01"]["TagList"] == [{"Key": "evac:epoch", "Value": str(EPOCH)}]


async def test_it_deletes_only_what_it_has_added(aws: World) -> None:
    """Two of its own go; the others are for a person."""
    settings = stood(aws, 2)
    await perform(USES, {**settings, "replicas": 4}, within=10.0)
    await perform(USES, {**settings, "replicas": 2, "down": True}, within=10.0)
    assert instances(aws, HERE, "vectors") == ["vectors-0", "vectors-1", "vectors-2"]
    sentence = await refused(USES, {**settings, "replicas": 1, "down": True}, ErrorType.WRONG_STATE, within=10.0)
    assert sentence == (
        "Of the 2 readers Evac has added 0, and it deletes no others: delete 1 by hand, or say in the runbook that "
        "there are more."
    )
    assert instances(aws, HERE, "vectors") == ["vectors-0", "vectors-1", "vectors-2"]


async def test_it_never_deletes_readers_while_failing_over(aws: World) -> None:
    """More than are needed are left alone."""
    result = await perform(USES, {**stood(aws, 3), "replicas": 1}, within=10.0)
    assert (result.changed, result.reason) == (False, "3 readers are ready already, and 1 are needed.")


async def test_no_instance_of_that_class_is_final(aws: World) -> None:
    """RDS says so, and nobody waits."""
    settings = stood(aws, 1)
    aws.bend("rds:CreateDBInstance", "capacity")
    sentence = await refused(USES, {**settings, "replicas": 2}, ErrorType.NO_CAPACITY, within=10.0)
    assert "InsufficientInstanceCapacity" in sentence


async def test_it_may_be_sized_by_what_the_other_region_runs(aws: World) -> None:
    """Readers that serve there."""
    stand_readers(aws, THERE, "vectors", 3)
    upstream = aws.settings(THERE, cluster="vectors")
    await perform(USES, {**stood(aws, 1), "replicas": 2, "upstream": upstream, "match": {}}, within=10.0)
    assert len(instances(aws, HERE, "vectors")) == 1 + 3


async def test_one_that_has_become_the_writer_is_no_reader_and_is_left_alone(aws: World) -> None:
    """After a failover inside the cluster: its number is not used again, and it is not deleted."""
    rds = aws.client("rds")
    made = {"DBClusterIdentifier": "vectors", "Engine": "aurora-postgresql", "DBInstanceClass": "db.r6g.large"}
    rds.create_db_cluster(
        DBClusterIdentifier="vectors",
        Engine="aurora-postgresql",
        MasterUsername="evac",
        MasterUserPassword="made-up-1",
    )
    for name in ("vectors-evac-01", "vectors-0"):  # the first one writes
        rds.create_db_instance(**made, DBInstanceIdentifier=name)
    settings = aws.settings(cluster="vectors")
    await perform(USES, {**settings, "replicas": 2}, within=10.0)
    assert instances(aws, HERE, "vectors") == ["vectors-0", "vectors-evac-01", "vectors-evac-02"]
    await perform(USES, {**settings, "replicas": 1, "down": True}, within=10.0)
    assert instances(aws, HERE, "vectors") == ["vectors-0", "vectors-evac-01"]
