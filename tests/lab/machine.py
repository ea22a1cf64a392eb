"""What this machine shows of a lab: the processes and files that a test looks for after the fact."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from lab.topology import Lab, Part

PAIR: frozenset[Part] = frozenset({"postgres", "power"})
"""The fast variant of a lab: two databases and the power controller."""


def processes_of(*folders: Path) -> list[str]:
    """Every living process that works in the folders, names them, or bears their mark."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            words = (process.cwd(), process.environ().get("EVAC_LAB_PLACE", ""), *process.cmdline())
            if any(str(folder) in word for folder in folders for word in words):
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
    return found


def shared_memory_of(lab: Lab) -> set[str]:
    """The System V segments of the lab's databases, living or dead."""
    there = {row.split()[1] for row in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}
    found = set()
    for lock in lab.data.glob("*/pgdata/postmaster.pid"):
        found.add(lock.read_text().splitlines()[6].split()[1])
    return found & there


async def ask(lab: Lab, region: str, query: str) -> list[tuple[object, ...]]:
    """One statement as the administrator, in its own transaction."""
    async with await psycopg.AsyncConnection.connect(lab.dsn(region), autocommit=True) as connection:
        cursor = await connection.execute(query.encode())
        return await cursor.fetchall() if cursor.description else []


@asynccontextmanager
async def nothing_left(*folders: Path) -> AsyncIterator[None]:
    """After the block no process works in these folders, and none of them is there."""
    yield
    assert processes_of(*folders) == []
    assert [folder for folder in folders if folder.exists()] == []
