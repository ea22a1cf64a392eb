"""What a database's disk says of it while it is down: whether it may come back, and as what."""

import ctypes
import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

import psutil

from lab.topology import Lab, LabRegion
from runbooks.values import Model

_IPC_RMID = 0


class DiskRole(Model):
    """What a server would be if it were started now."""

    role: Literal["primary", "standby", "absent"]
    timeline: int = 1


def role_on_disk(pgdata: Path) -> DiskRole:
    """Read from the files that PostgreSQL goes by: a promotion writes a history file, then removes the signal."""
    if not (pgdata / "PG_VERSION").exists():
        return DiskRole(role="absent")
    timelines = [int(path.stem, 16) for path in (pgdata / "pg_wal").glob("*.history")]
    standby = (pgdata / "standby.signal").exists()
    return DiskRole(role="standby" if standby else "primary", timeline=max(timelines, default=1))


def rebuilding(pgdata: Path) -> Path:
    """The mark of a rebuild that has begun: as long as it is there, the data are neither old nor new."""
    return pgdata.with_name("rebuilding")


def scratch_of(pgdata: Path) -> Path:
    """The data directory of the copy aside."""
    return pgdata.parent / "scratch" / "pgdata"


def why_not_start(lab: Lab, region: LabRegion) -> str | None:
    """Why starting the region's server would make a second writer, or None.

    A standby never does. A former primary does as soon as another region has been promoted past it, and also while
    that other one is down: its disk says that it was promoted.
    """
    pgdata = lab.pgdata(region.name)
    if rebuilding(pgdata).exists():
        return f"{region.database} is half rebuilt: reseed it again."
    mine = role_on_disk(pgdata)
    if mine.role == "absent":
        return f"{region.database} has no data."
    if mine.role == "standby":
        return None
    for other in lab.regions:
        if other.name == region.name:
            continue
        theirs = role_on_disk(lab.pgdata(other.name))
        if theirs.timeline > mine.timeline or (theirs.role == "primary" and theirs.timeline == mine.timeline):
            return (
                f"{region.database} was primary on timeline {mine.timeline}, and {other.database} is on timeline "
                f"{theirs.timeline} now, since a standby was promoted: started again, it would be a second writer. "
                "It stays off until a failback or a reseed makes it a standby."
            )
    return None


def clear_remains(pgdata: Path) -> None:
    """Remove what a killed server left: its lock file, if its holder is dead, and its shared memory.

    PostgreSQL clears up after itself at the next start, except where nobody reaps the dead: there it takes its own
    zombie for a living server, and refuses.
    """
    lock = pgdata / "postmaster.pid"
    with suppress(OSError, ValueError, IndexError):
        lines = lock.read_text().splitlines()
        if _works_in(int(lines[0]), pgdata):
            return
        key, segment = (int(word) for word in lines[6].split())
        _remove_shared_memory(key, segment)
    lock.unlink(missing_ok=True)


def _works_in(pid: int, folder: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and Path(os.path.realpath(process.cwd())) == folder.resolve()
    except psutil.Error:
        return False


def _remove_shared_memory(key: int, segment: int) -> None:
    """A killed server leaves a small System V segment, which the lock file names (line 7)."""
    table = [row.split() for row in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    # Only the very segment, and only when nobody is attached to it: ids are used again.
    if any((int(row[0]), int(row[1]), int(row[6])) == (key, segment, 0) for row in table):
        ctypes.CDLL(None).shmctl(segment, _IPC_RMID, None)
