import time
from typing import Any

import pytest

from runbooks.steps import Reading
from tests.activities.calls import perform
from tests.aws.databases import rds, stand_primary, stand_replica, tell_lag
from tests.aws.world import HERE, THERE, World


@pytest.fixture
def pair(aws: World) -> World:
    """A primary and its replica."""
    stand_primary(aws, "llm")
    stand_replica(aws, "llm")
    return aws


async def seen(aws: World, region: str, **more: Any) -> Reading:
    """The reading."""
    reading = (await perform("detect.rds", rds(aws, "llm", region, **more), within=20)).reading
    assert reading is not None
    return reading


async def test_a_primary_names_its_replicas(pair: World) -> None:
    """By region and name, as the planner knows them."""
    reading = await seen(pair, HERE)
    assert (reading.state, reading.reason) == ("healthy", "llm is a primary with 1 replicas.")
    assert list(reading.values["standbys"]) == ["eu-west-1:llm"]  # type: ignore[arg-type, call-overload]
    assert (reading.values["role"], reading.values["read_only"]) == ("primary", False)


async def test_a_replica_tells_its_lag(pair: World) -> None:
    """In seconds, and the moment up to which it has everything."""
    tell_lag(pair, "llm", 2.5)
    reading = await seen(pair, THERE)
    assert reading.reason == "llm is a replica that replicates, 2.5 s behind."
    assert (reading.values["lag_seconds"], reading.values["streaming"]) == (2.5, True)
    assert float(reading.values["last_commit_at"]) == pytest.approx(time.time() - 2.5, abs=5)  # type: ignore[arg-type]


async def test_an_old_value_is_no_lag_of_now(pair: World) -> None:
    """It still bounds what can be missing."""
    tell_lag(pair, "llm", 1.0, ago=300)
    reading = await seen(pair, THERE)
    assert reading.reason.startswith("llm is a replica that replicates, behind by an unknown amount (CloudWatch's last")
    assert reading.values["lag_seconds"] is None
    assert float(reading.values["last_commit_at"]) == pytest.approx(time.time() - 301, abs=5)  # type: ignore[arg-type]


async def test_broken_replication_is_no_lag_of_nothing(pair: World) -> None:
    """RDS says -1 then: the replica can be promoted, and shows as not streaming."""
    broken = {"StatusType": "read replication", "Status": "error", "Normal": False}
    pair.tell("rds", region=THERE, instance="llm", put={"status_infos": [broken]})
    tell_lag(pair, "llm", -1.0)
    reading = await seen(pair, THERE)
    assert (reading.state, reading.values["streaming"], reading.values["lag_seconds"]) == ("healthy", False, None)
    assert "does not replicate" in reading.reason


async def test_a_silent_cloudwatch_hides_no_database(pair: World) -> None:
    """The role is seen, the lag unknown."""
    pair.bend("cloudwatch:*", "refuse")
    reading = await seen(pair, THERE)
    pair.straighten()
    assert (reading.state, reading.values["role"], reading.values["lag_seconds"]) == ("healthy", "standby", None)


async def test_a_fenced_primary_is_no_writer(pair: World) -> None:
    """As soon as it was restarted behind its fence."""
    await perform("fence.rds", rds(pair, "llm", HERE), within=20)
    reading = await seen(pair, HERE)
    assert (reading.reason, reading.values["read_only"]) == ("llm is a primary with 1 replicas, fenced.", True)
    assert reading.values["epoch"] == 7
