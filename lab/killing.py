"""Living processes and their end: who belongs to whom, and SIGKILL until nothing is left."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from lab.errors import LabError
from runbooks.values import Model, UnixTime

MARK = "EVAC_LAB_PLACE"
"""The environment variable that every process of a lab inherits: whose it is."""

_GONE_WITHIN = 5.0
_ENDLESS = 6
"""So many times that long, and it is no kill any more but a fight."""
_LOOK_EVERY = 0.005


class Entry(Model):
    """One process of the lab, as it was registered. `started` counts from the machine's boot."""

    place: str
    name: str
    pid: int
    started: float
    argv: tuple[str, ...] = ()

    def process(self) -> psutil.Process | None:
        """The process while it lives; None when it is gone, even if its pid belongs to another one now."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            if started_at(process) == self.started and _runs(process):
                return process
        return None


class Killed(Model):
    """What a kill did: `at` is the moment just before the first signal, `gone_at` when nothing was left."""

    at: UnixTime
    gone_at: UnixTime
    processes: int


def started_at(process: psutil.Process) -> float:
    """When it started, counted from the boot: unlike the time of day this does not move when the clock is set."""
    return round(process.create_time() - psutil.boot_time(), 2)


def family(entries: Iterable[Entry]) -> Iterator[psutil.Process]:
    """The registered processes first, so that they start no more, then all their descendants."""
    roots = [process for entry in entries if (process := entry.process()) is not None]
    descendants = []
    for root in roots:
        with suppress(psutil.NoSuchProcess):
            descendants += root.children(recursive=True)
    yield from roots
    yield from descendants


def inhabitants(marks: set[str], folders: tuple[Path, ...]) -> Iterator[psutil.Process]:
    """Every process that bears one of the marks or works inside one of the folders, and its children; not this one."""
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with suppress(psutil.Error, OSError):
            where = Path(process.cwd())
            belongs = any(where.is_relative_to(folder) for folder in folders)
            belongs = belongs or bool(marks and process.environ().get(MARK) in marks)
            if belongs and _runs(process):
                yield from (process, *process.children(recursive=True))


def kill_until_gone(*searches: Callable[[], Iterator[psutil.Process]], within: float = _GONE_WITHIN) -> Killed:
    """SIGKILL to all that the searches find, again and again, until they find nothing and all of it is dead.

    Each has `within` seconds to die, from its first kill: on a busy machine one search alone can take longer.
    Raises LabError when something does not die, or others are started in its place again and again.
    """
    at: UnixTime | None = None
    killed: dict[psutil.Process, float] = {}
    deadline = time.monotonic() + _ENDLESS * within
    while True:
        found = False
        for process in (process for search in searches for process in search()):
            at = at or time.time()
            found = True
            killed.setdefault(process, time.monotonic())
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        alive = {process: since for process, since in killed.items() if _lives(process)}
        if not found and not alive:
            now = time.time()
            return Killed(at=at or now, gone_at=now, processes=len(killed))
        if left := [str(process.pid) for process, since in alive.items() if time.monotonic() > since + within]:
            message = f"These processes did not end on SIGKILL: {', '.join(left)}. Look at them with `ps`, then retry."
            raise LabError(message)
        if time.monotonic() > deadline:
            message = "Processes are started there as fast as they are killed. Look who does it with `ps`, then retry."
            raise LabError(message)
        time.sleep(_LOOK_EVERY)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and _runs(process)
    except psutil.NoSuchProcess:
        return False


def _runs(process: psutil.Process) -> bool:
    """Once its first thread has ended a process counts as a zombie, while others may still hold its ports and files."""
    return process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1
