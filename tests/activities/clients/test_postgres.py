import asyncio
import gc
import time

import psutil
import pytest

from activities.clients.postgres import connected
from activities.errors import StepError
from activities.secrets import Secrets
from lab.freezing import freeze
from lab.topology import Lab
from runbooks.kinds import PostgresSettings
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, postgres


async def test_a_query_that_hangs_ends_within_its_bound(calm_pair: Lab) -> None:
    """A frozen session is given up in time, although the driver would wait for its cancellation for ten seconds."""
    settings = PostgresSettings.model_validate(postgres(calm_pair, ACTIVE))
    began = time.monotonic()
    async with connected(settings, Secrets()) as server:
        session = psutil.Process((await server.row("SELECT pg_backend_pid() AS pid"))["pid"])
        freeze([session])
        with pytest.raises(StepError) as caught:
            await server.row("SELECT 1 AS one", within=0.2)
        session.resume()
    assert time.monotonic() - began < 5.0
    assert caught.value.kind is ErrorType.UNREACHABLE


async def test_a_query_that_was_given_up_leaves_no_stack_in_the_log(
    calm_pair: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    """It fails when its line is shut down, which is no news: asyncio logs a failure that nobody has heard of."""
    settings = PostgresSettings.model_validate(postgres(calm_pair, ACTIVE))
    async with connected(settings, Secrets()) as server:
        with pytest.raises(StepError, match="gave no answer"):
            await server.row("SELECT pg_sleep(30) AS slept", within=0.2)
    gc.collect()
    assert [record.getMessage() for record in caplog.records] == []


async def test_a_cancelled_query_ends_at_once(calm_pair: Lab) -> None:
    """Cancellation comes through as cancellation, and does not wait for the server."""
    settings = PostgresSettings.model_validate(postgres(calm_pair, ACTIVE))

    async def sleep() -> None:
        async with connected(settings, Secrets()) as server:
            await server.row("SELECT pg_sleep(30) AS slept", within=40)

    task = asyncio.create_task(sleep())
    await asyncio.sleep(0.1)  # whether it connects or sleeps by now, it must end
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 5.0


async def test_a_server_that_never_greets_is_given_up_in_time(mute: int) -> None:
    """`connect_timeout` may be less than the two seconds below which the driver does not go."""
    settings = PostgresSettings(host="127.0.0.1", port=mute, connect_timeout=0.2)
    began = time.monotonic()
    with pytest.raises(StepError, match=r"gave no answer within 0\.2 s") as caught:
        async with connected(settings, Secrets()):
            pass
    assert time.monotonic() - began < 1.8
    assert caught.value.kind is ErrorType.UNREACHABLE


async def test_a_refusal_costs_no_waiting(closed: int) -> None:
    """Nobody listens: known at once."""
    settings = PostgresSettings(host="127.0.0.1", port=closed, connect_timeout=30)
    began = time.monotonic()
    with pytest.raises(StepError, match="nothing listens there"):
        async with connected(settings, Secrets()):
            pass
    assert time.monotonic() - began < 5.0
