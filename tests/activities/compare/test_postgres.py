import asyncio

import psycopg

from lab.regions import heal, kill
from lab.topology import Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY, perform, postgres, refused
from tests.lab.machine import ask


def pairs(lab: Lab, standby: str = STANDBY, upstream: str = ACTIVE) -> dict[str, object]:
    """The standby, and the primary that it is compared with."""
    return postgres(lab, standby, upstream=postgres(lab, upstream))


async def test_a_standby_is_the_same_while_rows_are_written(calm_pair: Lab) -> None:
    """Writers in four sessions go on, insert, update and delete: each comparison finds both equal."""
    await ask(calm_pair, ACTIVE, "CREATE TABLE written (n serial PRIMARY KEY, \"evac_row\" text DEFAULT 'x')")
    stop = asyncio.Event()

    async def write(mine: int) -> None:
        while not stop.is_set():
            await ask(calm_pair, ACTIVE, f"INSERT INTO written DEFAULT VALUES; UPDATE written SET evac_row = '{mine}'")
            await ask(calm_pair, ACTIVE, "DELETE FROM written WHERE n % 3 = 0")

    writers = [asyncio.create_task(write(number)) for number in range(4)]
    results = [await perform("compare.postgres", pairs(calm_pair), within=20) for _ in range(5)]
    stop.set()
    await asyncio.gather(*writers)
    assert [(result.changed, result.proved) for result in results] == [(False, True)] * 5
    assert int(str(results[0].after["tables"])) >= 3
    assert max(float(str(result.after["writers_waited"])) for result in results) < 1.0
    await ask(calm_pair, ACTIVE, "DROP TABLE written")


async def test_one_changed_row_is_found(pair: Lab) -> None:
    """A standby that lost one word on its disk has as many rows, and is not the same: the table is named."""
    await ask(pair, ACTIVE, "CREATE TABLE written (n int, word text)")
    await ask(pair, ACTIVE, "INSERT INTO written SELECT n, 'same' FROM generate_series(1, 100) AS n")
    await perform("catch_up.postgres", pairs(pair) | {"exact": True})
    ((path,),) = await ask(pair, STANDBY, "SELECT pg_relation_filepath('written')")
    assert (await perform("compare.postgres", pairs(pair))).proved is True
    # Recovery must begin behind all that is in the log about these rows: it would mend them.
    await ask(pair, ACTIVE, "CHECKPOINT")
    await perform("catch_up.postgres", pairs(pair) | {"exact": True})
    await ask(pair, STANDBY, "CHECKPOINT")
    await _spoil(pair, str(path))
    await perform("catch_up.postgres", pairs(pair), within=20)
    result = await perform("compare.postgres", pairs(pair))
    assert (result.changed, result.proved) == (False, False)
    assert "public.written" in result.reason


async def _spoil(lab: Lab, path: str) -> None:
    """Change one row of the standby behind PostgreSQL's back, which must not notice by its checksums."""
    await ask(lab, STANDBY, "ALTER SYSTEM SET ignore_checksum_failure = on")
    await kill(lab, STANDBY)
    file = lab.pgdata(STANDBY) / path
    file.write_bytes(file.read_bytes().replace(b"same", b"SAME", 1))
    await heal(lab, STANDBY)


async def test_two_primaries_are_not_compared(calm_pair: Lab) -> None:
    """Each must have its role."""
    assert "is a primary" in await refused("compare.postgres", pairs(calm_pair, ACTIVE, ACTIVE), ErrorType.WRONG_STATE)
    assert (await perform("compare.postgres.check", pairs(calm_pair))).proved is True


async def test_a_long_transaction_is_not_waited_for(calm_pair: Lab) -> None:
    """Other writers would queue up behind the lock: it is given up within half a second, and tried again later."""
    await ask(calm_pair, ACTIVE, "CREATE TABLE written (n int)")
    async with await psycopg.AsyncConnection.connect(calm_pair.dsn(ACTIVE)) as session:
        await session.execute("INSERT INTO written VALUES (1)")
        await refused("compare.postgres", pairs(calm_pair), ErrorType.TIMED_OUT, within=20)
        await session.rollback()
    assert (await perform("compare.postgres", pairs(calm_pair), within=20)).proved is True
    await ask(calm_pair, ACTIVE, "DROP TABLE written")
