"""Base backups of the lab's databases, kept outside every region: each is verified before it counts."""

import asyncio
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from lab.postgres_programs import Programs, Say
from lab.topology import REPLICATOR, Lab, LabRegion, write_atomically
from runbooks.values import Model, UnixTime

_KEPT = 5


class BackupInfo(Model):
    """One backup; `at`: everything that was committed by then is in it."""

    name: str
    region: str
    at: UnixTime
    bytes: int
    seconds: float


def backups(lab: Lab) -> list[BackupInfo]:
    """All that are there, newest first."""
    found = []
    for path in lab.backups.glob("*.json"):
        with suppress(FileNotFoundError):
            found.append(BackupInfo.model_validate_json(path.read_text()))
    return sorted(found, key=lambda backup: backup.at, reverse=True)


def files_of(lab: Lab, name: str) -> Path:
    """Where a backup's files are."""
    return lab.backups / name


async def take(lab: Lab, region: LabRegion, say: Say) -> str:
    """Copy the region's server, primary or standby, and verify the copy. Raises LabError."""
    programs = Programs(lab, region.name)
    at = time.time()
    name = f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%S.%fZ}-{region.name}"
    lab.backups.mkdir(mode=0o700, exist_ok=True)
    programs.own(lab.backups)
    draft = lab.backups / f".{name}"
    server = f"host={region.address} port={region.postgres_port} user={REPLICATOR} passfile={programs.passfile()}"
    try:
        await programs.run(
            *("pg_basebackup", "-D", str(draft), "-d", server, "-X", "stream"),
            *("--checkpoint=fast", "--no-sync", "--progress", "--manifest-checksums=SHA256"),
            say=say,
        )
        say("it is verified")
        await programs.run("pg_verifybackup", str(draft))
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
        raise
    draft.rename(files_of(lab, name))
    size = sum(path.stat().st_size for path in files_of(lab, name).rglob("*") if path.is_file())
    info = BackupInfo(name=name, region=region.name, at=at, bytes=size, seconds=round(time.time() - at, 3))
    write_atomically(lab.backups / f"{name}.json", info.model_dump_json() + "\n")
    await asyncio.to_thread(_prune, lab)
    return f"Backup {name} was taken and verified: {size / 1e6:.0f} MB in {info.seconds:.1f} s."


def _prune(lab: Lab) -> None:
    for old in backups(lab)[_KEPT:]:
        (lab.backups / f"{old.name}.json").unlink(missing_ok=True)
        shutil.rmtree(files_of(lab, old.name), ignore_errors=True)
