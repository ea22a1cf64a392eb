import asyncio
import time

import psycopg
import pytest

from lab.regions import kill
from lab.topology import APP, Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, postgres, refused
from tests.activities.machines import replicated
from tests.lab.machine import ask
from tests.lab.started import until


async def test_after_a_kill_the_application_writes_at_once(pair: Lab) -> None:
    """Promoted on a new timeline, the standby takes the application's commits; a second promotion changes nothing."""
    await ask(pair, ACTIVE, "CREATE TABLE written (n int)")
    await ask(pair, ACTIVE, f"GRANT INSERT ON written TO {APP}")
    ((position,),) = await ask(pair, ACTIVE, "SELECT pg_current_wal_lsn()")

    async def replayed() -> bool:
        return await ask(pair, STANDBY, f"SELECT pg_last_wal_replay_lsn() >= '{position}'") == [(True,)]

    await until(replayed)
    await kill(pair, ACTIVE)
    result = await perform("promote.postgres", postgres(pair, STANDBY))
    async with await psycopg.AsyncConnection.connect(pair.dsn(STANDBY, APP), autocommit=True) as session:
        await session.execute("INSERT INTO written VALUES (1)")
    assert (result.changed, result.after["role"], result.after["epoch"]) == (True, "primary", EPOCH)
    assert (result.before["role"], result.before["timeline"], result.after["timeline"]) == ("standby", 1, 2)
    again = await perform("promote.postgres", postgres(pair, STANDBY))
    assert (again.changed, again.after["timeline"]) == (False, 2)
    assert "primary already, on timeline 2" in again.reason


@pytest.mark.parametrize("dead_for", [0.0, 1.0])
async def test_it_never_waits_for_the_standbys_next_retry(pair: Lab, dead_for: float) -> None:
    """Far below the 5 s that a single request can wait, however long the primary has been dead."""
    await ask(pair, STANDBY, "ALTER SYSTEM SET wal_retrieve_retry_interval = '5s'")
    await ask(pair, STANDBY, "SELECT pg_reload_conf()")
    await kill(pair, ACTIVE)
    await asyncio.sleep(dead_for)  # the standby's state between two retries is what is tested
    began = time.monotonic()
    await perform("promote.postgres", postgres(pair, STANDBY))
    assert time.monotonic() - began < 1.5


async def test_an_inherited_wait_for_standbys_is_cleared(pair: Lab) -> None:
    """A standby copied from a synchronous primary would hang at its first commit once promoted."""
    for setting in ("synchronous_standby_names = 'FIRST 1 (gone)'", "default_transaction_read_only = on"):
        await ask(pair, STANDBY, f"ALTER SYSTEM SET {setting}")
    await ask(pair, STANDBY, "SELECT pg_reload_conf()")
    await kill(pair, ACTIVE)
    result = await perform("promote.postgres", postgres(pair, STANDBY))
    assert "synchronous_standby_names (FIRST 1 (gone)) was cleared" in result.reason
    assert "default_transaction_read_only was turned off" in result.reason
    async with asyncio.timeout(5):
        await ask(pair, STANDBY, "CREATE TABLE written (n int)")
    assert (await perform("promote.postgres", postgres(pair, STANDBY))).changed is False


async def test_what_was_left_half_done_is_finished(pair: Lab) -> None:
    """A worker that died between the promotion and the settings leaves no server that hangs."""
    await ask(pair, STANDBY, "ALTER SYSTEM SET synchronous_standby_names = '2 (a, b, c)'")
    await ask(pair, STANDBY, "SELECT pg_reload_conf()")
    await kill(pair, ACTIVE)
    await ask(pair, STANDBY, "SELECT pg_promote()")
    result = await perform("promote.postgres", postgres(pair, STANDBY))
    assert (result.changed, result.after["synchronous_standby_names"]) == (True, "")
    async with asyncio.timeout(5):
        await ask(pair, STANDBY, "CREATE TABLE written (n int)")


async def test_a_synchronous_primary_with_its_standby_is_left_alone(calm_pair: Lab) -> None:
    """Its commits do wait, and come back: nothing is cleared."""
    names = f'FIRST 1 ("vector-db.{STANDBY}")'
    await ask(calm_pair, ACTIVE, f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
    await ask(calm_pair, ACTIVE, "SELECT pg_reload_conf()")
    await ask(calm_pair, ACTIVE, "CREATE TABLE written (n int)")
    await perform("promote.postgres", postgres(calm_pair, ACTIVE))  # keeps the decision, and nothing else
    result = await perform("promote.postgres", postgres(calm_pair, ACTIVE))
    assert (result.changed, result.after["synchronous_standby_names"]) == (False, names)
    await ask(calm_pair, ACTIVE, "DROP TABLE written")
    await ask(calm_pair, ACTIVE, "ALTER SYSTEM RESET ALL")
    await ask(calm_pair, ACTIVE, "SELECT pg_reload_conf()")


async def test_the_decision_is_kept_and_an_older_one_is_refused(pair: Lab) -> None:
    """On the standby that got it by replication, before anything is changed; on a primary as well."""
    await ask(pair, ACTIVE, "SELECT 1")
    await perform("promote.postgres", postgres(pair, ACTIVE), epoch=EPOCH + 1)
    rows = "SELECT runbook, epoch, run FROM evac.epoch"
    assert await ask(pair, ACTIVE, rows) == [("book", EPOCH + 1, "run-1")]
    await replicated(pair, ACTIVE, STANDBY)
    await kill(pair, ACTIVE)
    stale = await refused("promote.postgres", postgres(pair, STANDBY), ErrorType.STALE_EPOCH)
    assert f"has kept decision {EPOCH + 1} of book, and this is {EPOCH}" in stale
    assert await ask(pair, STANDBY, "SELECT pg_is_in_recovery()") == [(True,)]
    result = await perform("promote.postgres", postgres(pair, STANDBY), epoch=EPOCH + 2)
    assert f"decision {EPOCH + 2} is kept in its database" in result.reason
    assert await ask(pair, STANDBY, rows) == [("book", EPOCH + 2, "run-1")]
    await refused("promote.postgres", postgres(pair, STANDBY), ErrorType.STALE_EPOCH)
    reading = (await perform("detect.postgres", postgres(pair, STANDBY))).reading
    assert reading is not None
    assert reading.values["epoch"] == EPOCH + 2
    assert int(str(reading.values["transactions"])) > 700


async def test_a_planned_promotion_wants_its_upstream_fenced(pair: Lab) -> None:
    """One that takes writes is in the way; fenced, everything of it is seen to be here."""
    planned = postgres(pair, STANDBY, upstream=postgres(pair, ACTIVE))
    assert "still takes writes" in await refused("promote.postgres", planned, ErrorType.WRONG_STATE)
    await ask(pair, ACTIVE, "CREATE TABLE written AS SELECT generate_series(1, 5000) AS n")
    await perform("fence.postgres", postgres(pair, ACTIVE))
    result = await perform("promote.postgres", planned)
    assert "was replayed, up to" in result.reason
    assert await ask(pair, STANDBY, "SELECT count(*) FROM written") == [(5000,)]
    assert (await perform("promote.postgres", planned)).changed is False


async def test_a_planned_promotion_goes_on_without_its_upstream(pair: Lab) -> None:
    """It was fenced, and waited for, before it died."""
    await perform("fence.postgres", postgres(pair, ACTIVE))
    await kill(pair, ACTIVE)
    result = await perform("promote.postgres", postgres(pair, STANDBY, upstream=postgres(pair, ACTIVE)))
    assert "does not answer any more" in result.reason


async def test_a_target_that_is_down_is_unreachable_at_once(calm_pair: Lab, closed: int) -> None:
    """A refused connection is known in milliseconds, and is worth a retry."""
    settings = postgres(calm_pair, STANDBY) | {"port": closed}
    began = time.monotonic()
    sentence = await refused("promote.postgres", settings, ErrorType.UNREACHABLE)
    assert time.monotonic() - began < 4.0
    assert "nothing listens there" in sentence


async def test_check_promotes_nothing(calm_pair: Lab, closed: int) -> None:
    """Ready for a standby, not for a server that is down."""
    ready = await perform("promote.postgres.check", postgres(calm_pair, STANDBY))
    assert (ready.changed, ready.proved) == (False, True)
    assert await ask(calm_pair, STANDBY, "SELECT pg_is_in_recovery()") == [(True,)]
    down = await perform("promote.postgres.check", postgres(calm_pair, STANDBY) | {"port": closed})
    assert (down.proved, down.before["error"]) == (False, "unreachable")
