"""The runbooks that alerts are handed to: their files, read again when they change. What was good once is kept."""

import logging
from dataclasses import dataclass
from pathlib import Path

from runbooks.faults import RunbookError
from runbooks.load import LoadedRunbook, load
from triggers.serve.config import ServeConfig

log = logging.getLogger(__name__)

_Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Trouble:
    """A file whose newest edit cannot be used. `kept`: an older reading of it still counts."""

    file: str
    sentence: str
    kept: bool

    @property
    def said(self) -> str:
        """For whoever asks how the server is."""
        counts = "the last good one counts" if self.kept else "it is left out"
        return f"{Path(self.file).name} {self.sentence}; {counts}"


class Library:
    """Every runbook by its file. Reading is slow: `refresh` wants a thread of its own."""

    def __init__(self, config: ServeConfig) -> None:
        self._config = config
        self._stamps: dict[Path, _Stamp] = {}
        self._good: dict[Path, LoadedRunbook] = {}
        self._troubles: dict[Path, Trouble] = {}

    @property
    def books(self) -> tuple[LoadedRunbook, ...]:
        """The newest good reading of each."""
        return tuple(self._good.values())

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong with files now."""
        return tuple(self._troubles.values())

    def refresh(self) -> None:
        """Read what has changed since the last time."""
        files = self._config.files()
        for path in files:
            stamp = _stamp(path)
            if stamp is not None and stamp != self._stamps.get(path):
                self._stamps[path] = stamp
                self._read(path)
        for path in self._stamps.keys() - set(files):
            self._gone(path)

    def _read(self, path: Path) -> None:
        try:
            read = load(path)
        except RunbookError as error:
            first = error.faults[0]
            more = f" and {len(error.faults) - 1} more" if len(error.faults) > 1 else ""
            log.warning("%s cannot be used: %s%s", path, first.sentence, more)
            self._tell(path, f"is not valid (line {first.line}{more}; see the log)")
            return
        twins = [other for other, held in self._good.items() if held.runbook.name == read.runbook.name]
        if twins and twins != [path]:
            self._tell(path, f"declares the runbook {read.runbook.name}, as {twins[0].name} does already")
            return
        log.info("%s is read: the runbook %s", path, read.runbook.name)
        self._good = {**self._good, path: read}
        self._troubles.pop(path, None)

    def _gone(self, path: Path) -> None:
        """A disk that is away looks the same: alerts must find the runbook in spite of that."""
        del self._stamps[path]
        if path in self._good:
            self._tell(path, "is gone; start the server again to forget it")
        else:
            self._troubles.pop(path, None)

    def _tell(self, path: Path, sentence: str) -> None:
        trouble = Trouble(str(path), sentence, kept=path in self._good)
        log.warning("%s", trouble.said)
        self._troubles[path] = trouble


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:  # it went away since it was listed
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
