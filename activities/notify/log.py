"""`notify.log`: one line in a file, and in the worker's log."""

import asyncio
import errno
import fcntl
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from activities.acting import Act, SettledMeanwhile, View
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType
from runbooks.values import Model

_log = logging.getLogger("evac.notices")


class LogSettings(Model):
    """What to say; `path` is another file than `notices.log` in the worker's home."""

    text: str = Field(min_length=1)
    path: Path | None = None


class Notice(View):
    """Whether the line is there."""

    path: str
    written: bool


class NotifyLog(Act[LogSettings, Notice]):
    """Writes each run's step once. The line holds `[run/step]`, by which a second run finds it."""

    uses = "notify.log"
    permissions = ("write access to the file",)
    Settings = LogSettings

    async def _observe(self, job: Job[LogSettings]) -> Notice:
        path = self._path(job)
        return Notice(path=str(path), written=await _bounded(job, path, _writable_and_holds, path, _tag(job)))

    def _settled(self, job: Job[LogSettings], seen: Notice) -> str | None:
        del job
        return f"It was written to {seen.path} before." if seen.written else None

    async def _act(self, job: Job[LogSettings], seen: Notice) -> str:
        text = " ".join(job.settings.text.split())
        line = f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {_tag(job)} {job.call.runbook}: {text}\n"
        path = self._path(job)
        if not await _bounded(job, path, _append_once, path, _tag(job), line):
            by_another = f"It was written to {seen.path} by another run of the same step."
            raise SettledMeanwhile(by_another)
        _log.info("%s %s: %s", _tag(job), job.call.runbook, text)
        return f"It was written to {seen.path}."

    def _path(self, job: Job[LogSettings]) -> Path:
        return job.settings.path or self.home / "notices.log"


def _tag(job: Job[LogSettings]) -> str:
    return f"[{job.call.run}/{job.call.step}]"


async def _bounded(job: Job[LogSettings], path: Path, work: Callable[..., bool], *given: object) -> bool:
    """What the work on the file gives. Raises StepError, also for a file system that does not answer (a dead NFS)."""
    try:
        async with asyncio.timeout(job.allowed):
            return await asyncio.to_thread(work, *given)
    except TimeoutError:
        why = f"{path} gave no answer within {job.allowed:g} s: look at its file system."
        raise StepError(ErrorType.TIMED_OUT, why) from None
    except OSError as error:
        words = error.strerror or type(error).__name__
        why = f"{path} cannot be written ({words}): check its folder and its owner."
        raise StepError(ErrorType.DENIED, why) from None


def _writable_and_holds(path: Path, tag: str) -> bool:
    """Does it hold the tag? Raises OSError for a file that could not be written."""
    there = next(each for each in (path, *path.parents) if each.exists())
    if there != path and not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(there, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return _holds(path, tag)


def _holds(path: Path, tag: str) -> bool:
    return path.exists() and any(tag in line for line in path.read_text(encoding="utf-8").splitlines())


def _append_once(path: Path, tag: str, line: str) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another run of the same step may be between its look and its line
        if _holds(path, tag):
            return False
        file.write(line)
    return True
