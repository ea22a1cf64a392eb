"""`detect.dynamodb`: what it tells the planner."""

import pytest

from tests.activities.calls import perform
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.dynamodb import replicated, stand_table


async def test_the_writer_knows_its_standbys(aws: World) -> None:
    """And how long replication to each takes."""
    stand_table(aws, "orders")
    replicated(aws, "orders", HERE, THERE, took=0.7)
    result = await perform("detect.dynamodb", aws.settings(HERE, table="orders"), within=10.0)
    assert result.reading is not None
    values = result.reading.values
    assert (values["role"], values["read_only"]) == ("primary", False)
    standby = values["standbys"][THERE]  # type: ignore[index, call-overload]
    assert (standby["state"], standby["lag_bytes"]) == ("streaming", None)  # type: ignore[index, call-overload]
    assert result.reason == "It takes writes; its replicas: eu-west-1; replication took at most 0.7 s lately."


async def test_a_standby_asks_the_other_regions(aws: World) -> None:
    """The metric is kept where the writer is; what has arrived is as old as the metric, and no younger."""
    stand_table(aws, "orders")
    replicated(aws, "orders", HERE, THERE, took=0.7)
    result = await perform("detect.dynamodb", aws.settings(THERE, table="orders"), within=10.0)
    assert result.reading is not None
    values = result.reading.values
    assert (values["role"], values["streaming"], values["epoch"]) == ("standby", True, 3)
    assert values["lag_seconds"] == pytest.approx(0.7)
    assert result.reading.observed_at - values["last_commit_at"] == pytest.approx(60, abs=60)  # type: ignore[operator]


async def test_silence_of_the_other_region_is_no_fault_of_this_one(aws: World) -> None:
    """Then nobody knows how long replication takes."""
    stand_table(aws, "orders")
    aws.bend("cloudwatch:GetMetricStatistics", "hang")
    result = await perform("detect.dynamodb", aws.settings(THERE, table="orders", read_timeout=1), within=10.0)
    assert result.reading is not None
    assert (result.reading.state, result.reading.values["last_commit_at"]) == ("healthy", None)


async def test_strong_consistency_lacks_nothing(aws: World) -> None:
    """A write that was answered is in another region already."""
    stand_table(aws, "orders")
    aws.tell("dynamodb", strong=["orders"])
    result = await perform("detect.dynamodb", aws.settings(THERE, table="orders"), within=10.0)
    assert result.reading is not None
    assert (result.reading.values["lag_bytes"], result.reading.values["lag_seconds"]) == (0, 0.0)
