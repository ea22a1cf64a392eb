"""PostgreSQL in two regions with their agents: before a failover, and after it.

Bringing a pair up costs seconds, and copying those files of one that have changed a tenth of one: so each state is made
once, and its files are brought back whenever a test wants it and the servers are not in it any more.
"""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any, Literal

import psycopg

from lab.backups import backups
from lab.disk import rebuilding
from lab.postgres_servers import Servers
from lab.processes import Processes
from lab.topology import DATABASE, Lab
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, postgres
from tests.activities.machines import replicated
from tests.conformance.bent import Way, Ways
from tests.conformance.wires import Http, Postgres
from tests.lab.machine import ask
from tests.lab.started import until

Name = Literal["home", "away"]
OLDER = EPOCH - 2
"""The decision of the failover that was before."""

_LOOK = """
SELECT pg_is_in_recovery() AS standby,
       CASE WHEN pg_is_in_recovery() THEN (SELECT received_tli FROM pg_stat_wal_receiver)
            ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END AS timeline,
       current_setting('default_transaction_read_only') AS read_only,
       current_setting('synchronous_standby_names') AS names,
       pg_read_file(current_setting('hba_file')) AS hba,
       (SELECT array_agg(n ORDER BY n) FROM written) AS rows,
       to_regclass('evac.epoch') IS NOT NULL AS kept
"""
_KEPT = "SELECT runbook, epoch FROM evac.epoch"


class Databases:
    """`home`: the primary in ACTIVE, its standby in STANDBY. `away`: ACTIVE was fenced, and STANDBY promoted."""

    def __init__(self, lab: Lab, ways: Ways) -> None:
        self.lab = lab
        self.ways: dict[str, Way] = {}
        self.agents: dict[str, Way] = {}
        for region in lab.regions:
            self.ways[region.name] = ways.to(region.address, region.postgres_port, Postgres)
            self.agents[region.name] = ways.to(region.address, region.database_agent_port, Http)
        self._servers = Servers(lab)
        self._as_made: dict[Name, Any] = {}
        self._now: Name | None = None

    async def at(self, name: Name) -> None:
        """Bring both servers there, unless they are."""
        if not self._as_made:
            await self._make()
        if self._hidden.exists():
            self._hidden.rename(self.lab.backups)
        if self._now != name or await self._seen() != self._as_made[name]:
            await self._restore(name)
            self._now = name

    def hide_backups(self) -> None:
        """There are none, until the next test."""
        self.lab.backups.rename(self._hidden)

    async def look(self, region: str) -> dict[str, Any]:
        """What a server is, by its own word and its files."""
        async with await psycopg.AsyncConnection.connect(self.lab.dsn(region), autocommit=True) as connection:
            cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
            found = await (await cursor.execute(_LOOK)).fetchone()
            assert found is not None
            rows = await (await cursor.execute(_KEPT)).fetchall() if found.pop("kept") else []
        return {**found, "epochs": {row["runbook"]: row["epoch"] for row in rows}}

    async def _seen(self) -> Any:
        """Both; None when one of them does not answer."""
        try:
            return [await self.look(region) for region in (ACTIVE, STANDBY)]
        except psycopg.Error:
            return None

    async def _make(self) -> None:
        lab = self.lab
        await ask(lab, ACTIVE, "CREATE TABLE written AS SELECT n FROM generate_series(1, 3) AS n")
        await ask(lab, ACTIVE, "ALTER TABLE written ADD PRIMARY KEY (n)")
        await until(self._backed_up)
        await replicated(lab, ACTIVE, STANDBY)
        await self._keep("home")
        await perform("fence.postgres", postgres(lab, ACTIVE), epoch=OLDER)
        await replicated(lab, ACTIVE, STANDBY)
        await perform("promote.postgres", postgres(lab, STANDBY), epoch=OLDER, within=20)
        await ask(lab, STANDBY, "INSERT INTO written VALUES (101)")
        await self._keep("away")

    async def _backed_up(self) -> bool:
        return bool(backups(self.lab))

    async def _keep(self, name: Name) -> None:
        """Stop both cleanly, copy what is on their disks, and start them again."""
        self._as_made[name] = await self._seen()
        for region in self.lab.regions:
            await self._servers.stop(region)
            _mirror(self.lab.pgdata(region.name), self._kept(name, region.name))
        await self._start()
        self._now = name

    async def _restore(self, name: Name) -> None:
        processes = Processes(self.lab)
        await asyncio.gather(*(asyncio.to_thread(processes.kill, region.name, DATABASE) for region in self.lab.regions))
        for region in self.lab.regions:
            pgdata = self.lab.pgdata(region.name)
            rebuilding(pgdata).unlink(missing_ok=True)
            _mirror(self._kept(name, region.name), pgdata)
        await self._start()
        await until(lambda: self._is(name))

    async def _is(self, name: Name) -> bool:
        return bool(await self._seen() == self._as_made[name])

    async def _start(self) -> None:
        await asyncio.gather(*(self._servers.start(region, fenced=True) for region in self.lab.regions))

    @property
    def _hidden(self) -> Path:
        return self.lab.backups.with_name("hidden")

    def _kept(self, name: Name, region: str) -> Path:
        return self.lab.data / "kept" / name / region


def _mirror(source: Path, target: Path) -> None:
    """Make the target what the source is, owners included; a file of the same size and time is the same."""
    target.mkdir(parents=True, exist_ok=True)
    wanted = {entry.name: entry for entry in os.scandir(source)}
    there = {entry.name: entry for entry in os.scandir(target)}
    for name, entry in there.items():
        if name not in wanted or entry.is_dir() != wanted[name].is_dir():
            shutil.rmtree(entry.path) if entry.is_dir() else Path(entry.path).unlink()
    for name, entry in wanted.items():
        if entry.is_dir():
            _mirror(Path(entry.path), target / name)
        elif name not in there or _stamp(entry.stat()) != _stamp(there[name].stat()):
            shutil.copy2(entry.path, target / name)
            _own(entry.stat(), target / name)
    _own(source.stat(), target)


def _stamp(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_size, stat.st_mtime_ns


def _own(stat: os.stat_result, path: Path) -> None:
    path.chmod(stat.st_mode)
    os.chown(path, stat.st_uid, stat.st_gid)
