"""A region that is cut off: it lives, its own clients are served, and nobody outside hears of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from lab.errors import LabError
from lab.manager import running
from lab.partition import partition, reconnect
from lab.processes import Processes
from lab.topology import APP, DBNAME, Lab, LabSpec, Part
from tests.activities.publishing import mirrored, published, stream
from tests.lab.machine import ask
from tests.lab.started import until

ACTIVE, STANDBY = "us-east-1", "eu-west-1"
PARTS: frozenset[Part] = frozenset({"postgres", "edges"})
ROW = "INSERT INTO rows (client, n, region) VALUES ('test', {}, 'here')"
GIVEN_UP = 5.0
"""Seconds after which a silent link has been given up, and tried anew at least once."""
REPLAYED = "SELECT count(*) FROM rows"


@pytest_asyncio.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Lab]:
    """An asynchronous pair, each behind its edge."""
    async with running(LabSpec(home=tmp_path / "lab", parts=PARTS, mode="asynchronous")) as lab:
        yield lab


async def outside(lab: Lab, region: str) -> psycopg.AsyncConnection:
    """A connection to the region's database through its edge."""
    place = lab.region(region)
    return await psycopg.AsyncConnection.connect(
        f"host={place.edge} port={place.postgres_port} dbname={DBNAME} user={APP} password={lab.password(APP)}",
        autocommit=True,
    )


async def arrives(lab: Lab, count: int) -> None:
    """Wait until the standby has so many rows."""

    async def there() -> bool:
        return await ask(lab, STANDBY, REPLAYED) == [(count,)]

    await until(there)


async def test_nobody_outside_gets_an_answer_and_inside_all_goes_on(pair: Lab) -> None:
    """New connections and old ones are silent, not refused; rows are taken inside, and reach no standby."""
    async with await outside(pair, ACTIVE) as before:
        await before.execute("SELECT 1")
        await partition(pair, ACTIVE)
        asked = asyncio.create_task(before.execute("SELECT 2"))
        connecting = asyncio.create_task(outside(pair, ACTIVE))
        await ask(pair, ACTIVE, ROW.format(1))
        done, _ = await asyncio.wait({asked, connecting}, timeout=0.5)
        assert done == set()
        assert await ask(pair, STANDBY, REPLAYED) == [(0,)]
        await reconnect(pair, ACTIVE)
        assert await (await asyncio.wait_for(asked, 5)).fetchall() == [(2,)]
        await (await asyncio.wait_for(connecting, 5)).close()
    await arrives(pair, 1)


async def test_a_region_that_is_cut_off_reaches_nobody_either(pair: Lab) -> None:
    """The standby's own connection goes out through its primary's edge, which knows whose it is; others pass."""
    await partition(pair, STANDBY)
    await ask(pair, ACTIVE, ROW.format(1))
    async with await asyncio.wait_for(outside(pair, ACTIVE), 5) as client:
        await client.execute(ROW.format(2))
    await asyncio.sleep(0.3)  # there is nothing to wait for: it must not arrive
    assert await ask(pair, STANDBY, REPLAYED) == [(0,)]
    await reconnect(pair, STANDBY)
    await arrives(pair, 2)


async def test_no_message_finds_another_way_out(tmp_path: Path) -> None:
    """A queue that has lost its link comes back through the edge, or not at all: the mirror gets nothing."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"queue", "edges"}))) as lab:
        await published(lab, ACTIVE, "one")
        await mirrored(lab, STANDBY, 1)
        await partition(lab, ACTIVE)
        await published(lab, ACTIVE, "two")

        async def link_is_given_up() -> bool:
            mirror = (await stream(lab, STANDBY)).mirror
            return mirror is not None and (mirror.silent_for or 0.0) > GIVEN_UP

        await until(link_is_given_up)
        assert (await stream(lab, STANDBY)).last == 1
        await reconnect(lab, ACTIVE)
        await mirrored(lab, STANDBY, 2)


async def test_a_dead_server_is_told_at_once(pair: Lab) -> None:
    """Behind a whole edge a connection to what is down ends, as a refused one does."""
    Processes(pair).kill_server(ACTIVE, "vector-db", pair.data / ACTIVE)
    with pytest.raises(psycopg.OperationalError):
        await asyncio.wait_for(outside(pair, ACTIVE), 2)


async def test_a_lab_without_edges_cannot_be_cut(tmp_path: Path) -> None:
    """It says so."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"power"}))) as lab:
        with pytest.raises(LabError, match="without edges"):
            await partition(lab, ACTIVE)
