"""`catch_up.dynamodb`: what the conformance suite does not try."""

import asyncio
from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.dynamodb import replicated, stand_table

_LOOKED = 4
"""So many requests are more than one look."""


def stood(aws: World, took: float, **more: Any) -> dict[str, Any]:
    """Written here; replication takes so long."""
    stand_table(aws, "orders")
    replicated(aws, "orders", HERE, THERE, took)
    return aws.settings(THERE, table="orders", upstream=aws.settings(HERE, table="orders"), **more)


async def test_near_is_what_replication_takes(aws: World) -> None:
    """While the writer goes on, quick replication is near enough."""
    result = await perform("catch_up.dynamodb", stood(aws, 0.4, within_bytes=1024), within=10.0)
    assert (result.changed, result.reason) == (
        False,
        "It is hardly behind us-east-1: replication took at most 0.4 s.",
    )


async def test_slow_replication_is_not_near(aws: World) -> None:
    """It says how slow, and where to look."""
    sentence = await refused("catch_up.dynamodb", stood(aws, 40.0), ErrorType.NOT_YET, within=3.0)
    assert sentence == ("Replication from us-east-1 takes 40.0 s: look at the metric ReplicationLatency of orders.")


async def test_everything_is_never_there_while_somebody_writes(aws: World) -> None:
    """It does not wait for what cannot be."""
    sentence = await refused("catch_up.dynamodb", stood(aws, 0.4, exact=True), ErrorType.WRONG_STATE, within=10.0)
    assert "still takes writes" in sentence


async def test_a_wait_changes_nothing(aws: World) -> None:
    """It waited until replication was quick again, and says that nothing was changed."""
    settings = stood(aws, 40.0)
    waiting = asyncio.create_task(perform("catch_up.dynamodb", settings, within=20.0))
    while len(aws.calls()) < _LOOKED:
        await asyncio.sleep(0.05)
    replicated(aws, "orders", HERE, THERE, 0.4, ago=1)
    result = await waiting
    assert (result.changed, "hardly behind" in result.reason) == (False, True)
