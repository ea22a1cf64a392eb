"""Starts and stops a region's database server, and never lets a second writer come up."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from lab.disk import clear_remains, why_not_start
from lab.errors import EndedError, NotReadyError, SecondWriterError
from lab.identity import identity
from lab.postgres_conf import server_argv
from lab.processes import Processes
from lab.switches import BarredError, Switches
from lab.topology import DATABASE, Lab, LabRegion
from lab.waiting import until

_START_WITHIN = 30.0
_STOP_WITHIN = 10.0


class Servers:
    """The database servers of one lab, as processes."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._user = identity(lab.postgres_user)
        self._processes = Processes(lab)
        self._switches = Switches(lab.home)

    def up(self, region: LabRegion) -> bool:
        """Its process lives."""
        return self._processes.find(region.name, DATABASE) is not None

    async def start(self, region: LabRegion, *, fenced: bool = False) -> None:
        """Start a region's server and wait until it answers; `fenced`: its files keep everybody from writing.

        Raises BarredError when it is switched off, SecondWriterError when another region has taken its place.
        """
        async with self._switches.locked_politely():
            switch = self._switches.read(region.database)
            if switch.state == "off":
                raise BarredError(switch)
            if not fenced and (reason := why_not_start(self._lab, region)) is not None:
                raise SecondWriterError(reason)
            if not self.up(region):
                clear_remains(self._lab.pgdata(region.name))
            self._processes.spawn(region.name, DATABASE, server_argv(self._lab, region), user=self._user)
        await until(
            f"{DATABASE} in {region.name}",
            lambda: self._not_answering(region),
            within=_START_WITHIN,
            tail=lambda: self._processes.log_tail(region.name, DATABASE),
        )

    async def stop(self, region: LabRegion) -> None:
        """End a region's server: cleanly if it can, so that its last words reach its standbys; else by force."""
        await stop_server(self._processes, region.name, DATABASE, self._lab.pgdata(region.name))

    async def _not_answering(self, region: LabRegion) -> str | None:
        if not self.up(region):
            raise EndedError(DATABASE, region.name, self._processes.log_tail(region.name, DATABASE))
        try:
            async with await psycopg.AsyncConnection.connect(self._lab.dsn(region.name, dbname="postgres")):
                return None
        except psycopg.OperationalError as error:
            return str(error).strip()


async def stop_server(processes: Processes, place: str, name: str, pgdata: Path) -> None:
    """End a server cleanly, or by force when it does not end by itself; nothing of it is left running."""

    async def not_ended() -> str | None:
        return "it is still up" if processes.find(place, name) is not None else None

    process = processes.find(place, name)
    if process is not None:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
        with suppress(NotReadyError):
            await until(f"The end of {name} in {place}", not_ended, within=_STOP_WITHIN)
    # Also after a clean end: its entry in the register.
    await asyncio.to_thread(processes.kill, place, name)
    clear_remains(pgdata)
