import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
from temporalio.testing import ActivityEnvironment

from activities.detect.postgres import DetectPostgres
from lab.topology import Lab
from runbooks.facts import DataValues
from runbooks.steps import Reading, StepResult
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, call, perform, postgres
from tests.lab.machine import ask
from tests.lab.started import until


async def look(settings: dict[str, object]) -> tuple[Reading, DataValues]:
    """The reading and its values; they are empty when there is nothing to see."""
    result = await perform("detect.postgres", settings)
    assert result.reading is not None
    assert result.changed is False
    return result.reading, DataValues.model_validate({"role": "none", **result.reading.values})


async def test_a_primary_shows_its_standbys(calm_pair: Lab) -> None:
    """By application_name, with state and lag; and it says that commits do not wait."""
    reading, values = await look(postgres(calm_pair, ACTIVE))
    assert (reading.state, values.role, values.timeline) == ("healthy", "primary", 1)
    assert list(values.standbys) == [f"vector-db.{STANDBY}"]
    assert values.standbys[f"vector-db.{STANDBY}"].state == "streaming"
    assert (values.synchronous, values.read_only, values.lag_bytes) == (False, False, None)
    assert abs(time.time() - reading.observed_at) < 5


async def test_a_standby_that_has_caught_up_has_no_lag(calm_pair: Lab) -> None:
    """However long ago the last transaction was; its time is that of the primary's commit."""
    await ask(calm_pair, ACTIVE, "CREATE TABLE IF NOT EXISTS beat AS SELECT 1")
    await ask(calm_pair, ACTIVE, "DROP TABLE beat")
    _, primary = await look(postgres(calm_pair, ACTIVE))

    async def same_position() -> bool:
        _, values = await look(postgres(calm_pair, STANDBY))
        return values.position >= primary.position

    await until(same_position)
    reading, values = await look(postgres(calm_pair, STANDBY))
    assert (reading.state, values.role, values.streaming) == ("healthy", "standby", True)
    assert (values.lag_bytes, values.lag_seconds) == (0, 0.0)
    assert values.last_commit_at is not None
    assert abs(time.time() - values.last_commit_at) < 30


async def test_a_standby_that_may_not_replay_shows_its_lag(calm_pair: Lab) -> None:
    """Bytes received and not replayed, and the age of the last transaction that was."""
    await ask(calm_pair, STANDBY, "SELECT pg_wal_replay_pause()")
    try:
        await ask(calm_pair, ACTIVE, "CREATE TABLE IF NOT EXISTS behind AS SELECT generate_series(1, 10000)")

        async def lagging() -> bool:
            _, values = await look(postgres(calm_pair, STANDBY))
            return bool(values.lag_bytes and values.lag_bytes > 100_000 and values.lag_seconds)

        await until(lagging)
    finally:
        await ask(calm_pair, STANDBY, "SELECT pg_wal_replay_resume()")
    await ask(calm_pair, ACTIVE, "DROP TABLE behind")


async def test_a_standby_alone_receives_nothing(pair: Lab) -> None:
    """After the primary is gone the lag in bytes is unknown, and the seconds count."""
    await ask(pair, STANDBY, "ALTER SYSTEM SET primary_conninfo = ''")
    await ask(pair, STANDBY, "SELECT pg_reload_conf()")

    async def alone() -> bool:
        _, values = await look(postgres(pair, STANDBY))
        return not values.streaming and values.lag_bytes is None and bool(values.lag_seconds)

    await until(alone)
    reading, _ = await look(postgres(pair, STANDBY))
    assert "receives nothing" in reading.reason


async def test_after_promotion_the_new_timeline_is_seen_at_once(pair: Lab) -> None:
    """Not that of the last checkpoint."""
    await perform("promote.postgres", postgres(pair, STANDBY), epoch=EPOCH)
    _, values = await look(postgres(pair, STANDBY))
    assert (values.role, values.timeline) == ("primary", 2)


async def test_a_refused_connection_is_a_reading(closed: int) -> None:
    """Unhealthy, in milliseconds."""
    began = time.monotonic()
    reading, _ = await look({"host": "127.0.0.1", "port": closed, "connect_timeout": 30})
    assert time.monotonic() - began < 5.0
    assert reading.state == "unhealthy"
    assert "nothing listens there" in reading.reason


async def test_silence_is_a_reading(mute: int) -> None:
    """Unhealthy, after its short bound."""
    began = time.monotonic()
    reading, _ = await look({"host": "127.0.0.1", "port": mute, "connect_timeout": "200ms"})
    assert time.monotonic() - began < 5.0
    assert reading.state == "unhealthy"
    assert reading.reason.endswith("gave no answer within 0.2 s.")


async def test_a_missing_secret_is_our_own_fault_too(calm_pair: Lab) -> None:
    """The reading names it."""
    reading, _ = await look(postgres(calm_pair, ACTIVE) | {"password": "env://NOT_SET_ANYWHERE"})
    assert reading.state == "unknown"
    assert "env://NOT_SET_ANYWHERE" in reading.reason


async def test_too_many_connections_is_not_our_fault(pair: Lab) -> None:
    """A server that admits nobody is unhealthy."""
    taken = [await psycopg.AsyncConnection.connect(pair.dsn(STANDBY)) for _ in range(57)]
    try:
        while True:
            taken.append(await psycopg.AsyncConnection.connect(pair.dsn(STANDBY)))
    except psycopg.OperationalError:
        reading, _ = await look(postgres(pair, STANDBY))
    finally:
        for connection in taken:
            await connection.close()
    assert reading.state == "unhealthy"


async def test_a_long_connect_timeout_does_not_outlast_the_activity(mute: int) -> None:
    """Timed out by Temporal it would be asked again and again, and every other reading would grow old meanwhile."""
    env = ActivityEnvironment()
    env.info = replace(env.info, start_to_close_timeout=timedelta(milliseconds=500))
    asked = call("detect.postgres", {"host": "127.0.0.1", "port": mute, "connect_timeout": "20s"})
    began = time.monotonic()
    result: StepResult = await env.run(DetectPostgres(Path("nowhere")).run, asked)
    assert time.monotonic() - began < 5.0
    assert result.reading is not None
    assert (result.reading.state, result.reading.reason) == ("unhealthy", "It gave no answer within 0.45 s.")
