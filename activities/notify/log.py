"""`notify.log`: one line in a file, and in the worker's log."""

import asyncio
import fcntl
import logging
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
        try:
            written = await asyncio.to_thread(_holds, path, _tag(job))
        except OSError as error:
            raise _unusable(path, error) from None
        return Notice(path=str(path), written=written)

    def _settled(self, job: Job[LogSettings], seen: Notice) -> str | None:
        del job
        return f"It was written to {seen.path} before." if seen.written else None

    async def _act(self, job: Job[LogSettings], seen: Notice) -> str:
        text = " ".join(job.settings.text.split())
        line = f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {_tag(job)} {job.call.runbook}: {text}\n"
        try:
            written = await asyncio.to_thread(_append_once, self._path(job), _tag(job), line)
        except OSError as error:
            raise _unusable(self._path(job), error) from None
        if not written:
            by_another = f"It was written to {seen.path} by another run of the same step."
            raise SettledMeanwhile(by_another)
        _log.info("%s %s: %s", _tag(job), job.call.runbook, text)
        return f"It was written to {seen.path}."

    def _path(self, job: Job[LogSettings]) -> Path:
        return job.settings.path or self.home / "notices.log"


def _tag(job: Job[LogSettings]) -> str:
    return f"[{job.call.run}/{job.call.step}]"


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


def _unusable(path: Path, error: OSError) -> StepError:
    words = error.strerror or type(error).__name__
    return StepError(ErrorType.DENIED, f"{path} cannot be written ({words}): check its folder and its owner.")
