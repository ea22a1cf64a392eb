import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from lab.topology import Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY, perform, postgres, refused
from tests.lab.machine import ask
from tests.lab.started import until
from tests.postgres_logical.world import HOME, Twins

STEP = "verify.sql.vector-db"


@pytest_asyncio.fixture
async def target(calm_pair: Lab) -> AsyncIterator[Lab]:
    """A pair without any probe, before and after."""
    yield calm_pair
    await ask(calm_pair, ACTIVE, "ALTER SYSTEM RESET ALL")
    await ask(calm_pair, ACTIVE, "SELECT pg_reload_conf()")
    await ask(calm_pair, ACTIVE, "DROP SCHEMA IF EXISTS evac CASCADE")


async def test_a_row_is_written_once(target: Lab) -> None:
    """The second time it is only read."""
    first = await perform("verify.sql", postgres(target, ACTIVE), step=STEP)
    second = await perform("verify.sql", postgres(target, ACTIVE), step=STEP)
    assert first.proved
    assert first.after == second.after
    rows = await ask(target, ACTIVE, "SELECT run, step, confirmed FROM evac.probe")
    assert rows == [("run-1", STEP, True)]


async def test_several_at_once_all_succeed(target: Lab) -> None:
    """Although each of them finds no table."""
    results = await asyncio.gather(*(perform("verify.sql", postgres(target, ACTIVE), step=STEP) for _ in range(5)))
    assert [result.proved for result in results] == [True] * 5
    assert await ask(target, ACTIVE, "SELECT count(*) FROM evac.probe") == [(1,)]


async def test_a_standby_takes_no_writes(calm_pair: Lab) -> None:
    """Not yet: it may be promoted."""
    sentence = await refused("verify.sql", postgres(calm_pair, STANDBY), ErrorType.NOT_YET)
    assert "is in recovery" in sentence


async def test_a_commit_that_hangs_is_found_and_freed(target: Lab) -> None:
    """A lost synchronous standby is named; nothing of ours is left waiting; it succeeds once that is cleared."""
    await perform("verify.sql", postgres(target, ACTIVE), step="before")
    await ask(target, ACTIVE, "ALTER SYSTEM SET synchronous_standby_names = 'gone'")
    await ask(target, ACTIVE, "SELECT pg_reload_conf()")
    for _ in range(2):
        sentence = await refused("verify.sql", postgres(target, ACTIVE), ErrorType.NOT_YET, step=STEP)
        assert "waits for a synchronous standby that is not there" in sentence
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"

    async def freed() -> bool:
        return await ask(target, ACTIVE, waiting) == [(0,)]

    await until(freed)  # each was told to end, and does so in its own time
    await ask(target, ACTIVE, "ALTER SYSTEM RESET synchronous_standby_names")
    await ask(target, ACTIVE, "SELECT pg_reload_conf()")
    assert (await perform("verify.sql", postgres(target, ACTIVE), step=STEP)).proved


async def test_check_writes_nothing(target: Lab) -> None:
    """Readiness is read; there is no schema afterwards."""
    result = await perform("verify.sql.check", postgres(target, ACTIVE), step=STEP)
    assert (result.changed, result.proved) == (False, True)
    assert await ask(target, ACTIVE, "SELECT to_regnamespace('evac')::text") == [(None,)]


async def test_who_follows_all_tables_does_not_stop_at_it(twins: Twins) -> None:
    """They have no such table: it is in no publication, and taken out of one that was made later."""
    published = "SELECT count(*) FROM pg_publication_tables WHERE tablename = 'probe'"
    assert (await perform("verify.sql", twins.settings(HOME), step="before", within=20)).proved
    await twins.ask(HOME, "CREATE PUBLICATION everything FOR ALL TABLES")
    assert await twins.ask(HOME, published) == [(1,)]
    assert (await perform("verify.sql", twins.settings(HOME), step=STEP, within=20)).proved
    assert await twins.ask(HOME, published) == [(0,)]
    await twins.ask(HOME, "DROP SCHEMA evac CASCADE")
    assert (await perform("verify.sql", twins.settings(HOME), step=STEP, within=20)).proved
    assert await twins.ask(HOME, published) == [(0,)]
    await twins.ask(HOME, "DROP PUBLICATION everything; DROP SCHEMA evac CASCADE")
