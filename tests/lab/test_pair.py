"""Two databases of a lab: what they promise while both live, and what happens when one dies."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import pytest_asyncio

from lab.manager import running
from lab.processes import Processes
from lab.regions import heal, kill
from lab.topology import Lab, LabSpec
from lab.waiting import until
from tests.lab.machine import PAIR, ask

ACTIVE, STANDBY = "us-east-1", "eu-west-1"
ROW = "INSERT INTO rows (client, n, region) VALUES ('test', 1, 'here')"


@pytest_asyncio.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Lab]:
    """A synchronous pair."""
    async with running(LabSpec(home=tmp_path / "lab", parts=PAIR)) as lab:
        yield lab


async def test_an_acknowledged_row_survives_the_death_of_its_primary(pair: Lab) -> None:
    """In synchronous mode a commit is on the standby before it is acknowledged."""
    assert await ask(pair, ACTIVE, "SELECT application_name, sync_state FROM pg_stat_replication") == [
        (f"vector-db.{STANDBY}", "sync")
    ]
    await ask(pair, ACTIVE, ROW)
    killed = await kill(pair, ACTIVE)
    assert killed.processes > 1

    async def missing() -> str | None:
        return None if await ask(pair, STANDBY, "SELECT n FROM rows") == [(1,)] else "the row is not there"

    await until("The row", missing, within=5)


async def test_without_its_standby_a_synchronous_commit_waits(pair: Lab) -> None:
    """Nothing is acknowledged that is in one region only; when the standby is back, the commit ends."""
    await kill(pair, STANDBY)
    commit = asyncio.create_task(ask(pair, ACTIVE, ROW))
    done, _ = await asyncio.wait({commit}, timeout=0.5)
    assert not done
    assert await heal(pair, STANDBY) == (f"vector-db.{STANDBY} is up again as standby.",)
    await asyncio.wait_for(commit, 15)


async def test_an_asynchronous_commit_does_not_wait(tmp_path: Path) -> None:
    """In asynchronous mode the primary goes on alone."""
    async with running(LabSpec(home=tmp_path / "lab", parts=PAIR, mode="asynchronous")) as lab:
        await kill(lab, STANDBY)
        await asyncio.wait_for(ask(lab, ACTIVE, ROW), 5)


async def test_a_standby_promoted_by_hand_takes_writes(pair: Lab) -> None:
    """The standby inherits no setting that would make its commits hang."""
    await kill(pair, ACTIVE)
    await ask(pair, STANDBY, "SELECT pg_promote()")
    await asyncio.wait_for(ask(pair, STANDBY, ROW), 5)
    assert await ask(pair, STANDBY, "SELECT count(*) > 0 FROM passages") == [(True,)]


async def test_a_former_primary_never_comes_back_beside_its_successor(pair: Lab) -> None:
    """`heal` goes by the disks: the old primary stays off even while its successor is dead too."""
    await kill(pair, ACTIVE)
    await ask(pair, STANDBY, "SELECT pg_promote()")
    (told,) = await heal(pair, ACTIVE)
    assert "second writer" in told
    await kill(pair, STANDBY)
    (told,) = await heal(pair, ACTIVE)
    assert "second writer" in told
    assert await heal(pair, STANDBY) == (f"vector-db.{STANDBY} is up again as primary.",)
    assert await ask(pair, STANDBY, "SELECT pg_is_in_recovery()") == [(False,)]


async def test_a_primary_that_nobody_replaced_comes_back_as_primary(pair: Lab) -> None:
    """A killed region that was not failed over is healed as it was; healing it twice changes nothing."""
    await ask(pair, ACTIVE, ROW)
    await kill(pair, ACTIVE)
    assert await heal(pair, ACTIVE) == (f"vector-db.{ACTIVE} is up again as primary.",)
    assert await ask(pair, ACTIVE, "SELECT n FROM rows") == [(1,)]
    assert await heal(pair, ACTIVE) == (f"vector-db.{ACTIVE} is up already.",)


async def test_only_the_labs_users_get_in_and_only_at_the_regions_address(pair: Lab) -> None:
    """Everybody needs a password, the service sees its own database only, and no other address is served."""
    place = pair.region(ACTIVE)
    here = f"host={place.address} port={place.postgres_port} connect_timeout=2"
    for refused in (
        f"{here} user=evac_admin dbname=llm password=wrong",
        f"{here} user=app dbname=postgres password={pair.password('app')}",
        f"{here} user=postgres dbname=llm password=x",
        f"host=127.0.0.1 port={place.postgres_port} user=app dbname=llm connect_timeout=2",
    ):
        with pytest.raises(psycopg.OperationalError):
            await psycopg.AsyncConnection.connect(refused)
    async with await psycopg.AsyncConnection.connect(pair.dsn(ACTIVE, "app")) as connection:
        await connection.execute(ROW)


async def test_secrets_are_for_their_owner_only_and_databases_are_not_roots(pair: Lab) -> None:
    """No secret file can be read by others, and PostgreSQL runs as an ordinary user."""
    modes = {path.name: path.stat().st_mode & 0o777 for path in pair.secret("").iterdir()}
    assert set(modes.values()) == {0o600}
    assert "evac_admin.password" in modes
    server = Processes(pair).find(ACTIVE, "vector-db")
    assert server is not None
    assert server.uids().real != 0
    if os.geteuid() == 0:
        assert server.username() == "nobody"
    with suppress(psutil.Error):
        assert pair.password("evac_admin") not in " ".join(server.cmdline())
