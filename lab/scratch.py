"""A copy of the database aside: of a backup, or of the region's standby; only the administrator can log in.

It has a port and a folder of its own, follows nobody, and dies with its region. A copy of a backup takes writes; a
copy of the standby is a standby still, which waits to be promoted.
"""

import asyncio
import os
import pwd
import shutil
import time
from pathlib import Path
from typing import Literal

import psycopg
from pydantic import BaseModel, ConfigDict

from lab.backups import backups, files_of
from lab.disk import scratch_of
from lab.errors import EndedError, LabError, RefusedError
from lab.identity import identity
from lab.ports import PortChooser
from lab.postgres_conf import SCRATCH_HBA, copied_settings, scratch_argv
from lab.postgres_programs import Programs, Say
from lab.postgres_servers import stop_server
from lab.processes import Processes
from lab.topology import ADMIN, DATABASE, REPLICATOR, Lab, LabRegion
from lab.waiting import until

SCRATCH = f"{DATABASE}-scratch"
_START_WITHIN = 60.0


class ScratchOrder(BaseModel):
    """What is to be copied, and for whom; `backup` None: the newest."""

    model_config = ConfigDict(frozen=True)

    source: Literal["backup", "standby"]
    key: str
    backup: str | None = None


class Scratch:
    """The one copy of a region."""

    def __init__(self, lab: Lab, region: LabRegion) -> None:
        self._lab = lab
        self._region = region
        self._pgdata = scratch_of(lab.pgdata(region.name))
        self._programs = Programs(lab, region.name)
        self._processes = Processes(lab)
        self.port: int | None = None

    @property
    def up(self) -> bool:
        """It runs."""
        return self._processes.find(self._region.name, SCRATCH) is not None

    async def make(self, order: ScratchOrder, say: Say) -> str:
        """Copy and start it, in the place of one that was there. Raises LabError."""
        began = time.monotonic()
        await self.remove()
        folder = self._pgdata.parent
        folder.mkdir(mode=0o700, exist_ok=True)
        self._programs.own(folder)
        if order.source == "backup":
            what = await self._from_backup(order.backup, say)
        else:
            what = await self._from_standby(say)
        auto = self._pgdata / "postgresql.auto.conf"
        self._programs.write(auto, copied_settings(auto.read_text()))
        self._programs.write(self._pgdata / "pg_hba.conf", SCRATCH_HBA)
        say("it is started")
        try:
            await self._start()
        except LabError as error:
            # It will not start the next time either: there is something wrong with what was copied.
            message = f"{what} does not start: {error}"
            raise RefusedError(message) from error
        return f"{what} runs aside on {self._region.address}:{self.port}, after {time.monotonic() - began:.2f} s."

    async def remove(self) -> None:
        """End it, and remove its files; nothing to do when there is none."""
        await stop_server(self._processes, self._region.name, SCRATCH, self._pgdata)
        await asyncio.to_thread(shutil.rmtree, self._pgdata.parent, ignore_errors=True)
        self.port = None

    async def _from_backup(self, name: str | None, say: Say) -> str:
        known = [backup.name for backup in backups(self._lab)]
        if not known or (name is not None and name not in known):
            message = f"There is no backup {name}." if name else "There is no backup."
            raise RefusedError(message)
        name = name or known[0]
        say(f"backup {name} is copied")
        await asyncio.to_thread(self._copy, files_of(self._lab, name))
        (self._pgdata / "standby.signal").unlink(missing_ok=True)  # of a backup that was taken from a standby
        return f"Backup {name}"

    def _copy(self, source: Path) -> None:
        shutil.copytree(source, self._pgdata, symlinks=True)
        if self._lab.postgres_user is None:
            return
        account = pwd.getpwnam(self._lab.postgres_user)
        for place, _, files in os.walk(self._pgdata):
            for path in (Path(place), *(Path(place, file) for file in files)):
                os.chown(path, account.pw_uid, account.pw_gid)

    async def _from_standby(self, say: Say) -> str:
        region = self._region
        passfile = self._programs.passfile()
        server = f"host={region.address} port={region.postgres_port} user={REPLICATOR} passfile={passfile}"
        await self._programs.run(
            *("pg_basebackup", "-D", str(self._pgdata), "-d", server, "-X", "stream"),
            *("--checkpoint=fast", "--no-sync", "--no-manifest", "--progress"),
            say=say,
        )
        self._programs.write(self._pgdata / "standby.signal", "")
        return f"A copy of {region.database}"

    async def _start(self) -> None:
        self.port = PortChooser(self._lab.home).free([self._region.address])
        argv = scratch_argv(self._lab, self._region, self._pgdata, self.port)
        self._processes.spawn(self._region.name, SCRATCH, argv, user=identity(self._lab.postgres_user))
        await until(
            f"The copy in {self._region.name}",
            self._not_answering,
            within=_START_WITHIN,
            tail=lambda: self._processes.log_tail(self._region.name, SCRATCH),
        )

    async def _not_answering(self) -> str | None:
        if not self.up:
            raise EndedError(SCRATCH, self._region.name, self._processes.log_tail(self._region.name, SCRATCH))
        dsn = (
            f"host={self._region.address} port={self.port} dbname=postgres user={ADMIN} "
            f"password={self._lab.password(ADMIN)} connect_timeout=2"
        )
        try:
            async with await psycopg.AsyncConnection.connect(dsn):
                return None
        except psycopg.OperationalError as error:
            return str(error).strip()
