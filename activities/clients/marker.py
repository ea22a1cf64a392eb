"""A file that says whether a command was begun and how it ended: what lets it run only once."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from activities.acting import View
from activities.errors import StepError
from activities.lifeline import scheduling
from runbooks.steps import ErrorType
from runbooks.values import UnixTime


class Marker(View):
    """What is known of one step's command."""

    begun_at: UnixTime
    ended: bool = False
    code: int | None = None
    """None although ended: it was ended by its timeout."""
    output: str = ""
    refused: str = ""
    """The scheduling that was told that it may have run: a later one is a person's `retry`."""
    epoch: int | None = None
    """The decision that it was begun by; None: not kept."""

    @property
    def done(self) -> bool:
        """It ran and ended well."""
        return self.ended and self.code == 0


class MarkerFile:
    """The marker of one run's step."""

    def __init__(self, home: Path, run: str, step: str) -> None:
        self._path = home / "commands" / quote(run, safe="") / f"{quote(step, safe='')}.json"

    def read(self) -> Marker | None:
        """What it says, or None when the command was never begun."""
        try:
            return Marker.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else is at it on this home meanwhile. Raises StepError (busy) when somebody is; death lets go."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                sentence = "Another worker is at this very step: it is looked at again."
                raise StepError(ErrorType.BUSY, sentence) from None
            yield

    def begin(self, *, safe: bool, epoch: int | None = None) -> None:
        """Note that it begins now. Raises StepError when it may have run before and is not `safe` to repeat."""
        fresh = Marker(begun_at=time.time(), epoch=epoch)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._write_new(fresh)
        except FileExistsError:
            before = self.read()
            if before is not None and not safe:
                self._allow_again(before)
            self._write(fresh)

    def end(self, code: int | None, output: str) -> None:
        """Note how it ended."""
        begun = self.read() or Marker(begun_at=time.time())
        self._write(begun.model_copy(update={"ended": True, "code": code, "output": output}))

    def _allow_again(self, before: Marker) -> None:
        if before.ended or before.refused not in ("", scheduling()):
            return  # its failure, or its doubt, was told before; a person has looked and wants it again
        self._write(before.model_copy(update={"refused": scheduling()}))
        raise StepError(
            ErrorType.WRONG_STATE,
            "The command was begun before, and how it ended is not known: it may have run, or still be running. "
            "Look, then retry it or skip it.",
            before.evidence(),
        )

    def _write_new(self, marker: Marker) -> None:
        """Whole and on the disk before it is there under its name; FileExistsError when another one was first."""
        draft = self._draft(marker)
        try:
            self._path.hardlink_to(draft)
        finally:
            draft.unlink()

    def _write(self, marker: Marker) -> None:
        self._draft(marker).replace(self._path)

    def _draft(self, marker: Marker) -> Path:
        draft = self._path.with_suffix(f".{os.getpid()}.{time.monotonic_ns()}")
        with draft.open("w", encoding="utf-8") as file:
            file.write(marker.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        return draft
