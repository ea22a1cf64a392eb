"""What was proved and led to nothing is kept: bodies that could not be understood, alerts that no rule is about.

One JSON document a line, in `$EVAC_HOME/dead-letters/`. Forged requests are only counted: whoever can reach the door
could fill the disk with them.
"""

import asyncio
import contextlib
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from runbooks.alerts import Alert, AlertSource
from runbooks.values import Model, UnixTime

Why = Literal["unparseable", "unmatched"]
WHYS: tuple[Why, ...] = ("unparseable", "unmatched")

_LARGEST = 4 * 1024 * 1024
_OLDER = 3
_BODY = 16 * 1024
_TICKETS = re.compile(r'("(?:Token|SubscribeURL|UnsubscribeURL)"\s*:\s*")[^"]*')
"""What SNS sends along lets anyone who has it subscribe and unsubscribe."""


class DeadLetter(Model):
    """One of them. `sentence` says why it led to nothing."""

    at: UnixTime
    why: Why
    source: AlertSource
    name: str
    sentence: str
    proof: str = ""
    digest: str = ""
    body: str = ""
    """What could not be understood: its beginning, without secrets."""
    alert: Alert | None = None
    """What no rule is about."""


class DeadLetters:
    """Appends to the files. Many at once are written, and made durable, together."""

    def __init__(self, home: Path, largest: int = _LARGEST) -> None:
        self._folder = folder_of(home)
        self._largest = largest
        self._lock = asyncio.Lock()
        self._waiting: list[DeadLetter] = []

    async def keep(self, letters: Sequence[DeadLetter]) -> None:
        """Return when they are on the disk. Raises OSError."""
        self._waiting.extend(letters)
        async with self._lock:
            together, self._waiting = self._waiting, []
            if not together:  # whoever held the lock before has written them
                return
            try:
                await asyncio.to_thread(self._write, together)
            except OSError:
                own = {id(letter) for letter in letters}
                self._waiting += [letter for letter in together if id(letter) not in own]  # their senders still wait
                raise

    def _write(self, letters: list[DeadLetter]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for why in WHYS:
            lines = [letter.model_dump_json(exclude_defaults=True) for letter in letters if letter.why == why]
            if lines:
                self._append(self._folder / f"{why}.jsonl", "".join(f"{line}\n" for line in lines).encode())

    def _append(self, path: Path, content: bytes) -> None:
        with (self._folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists() and path.stat().st_size + len(content) > self._largest:
                _rotate(path)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())


def bounded(body: bytes) -> str:
    """The beginning of a body, as text, without what SNS lets nobody else have."""
    return _TICKETS.sub(r"\1[secret]", body[:_BODY].decode("utf-8", "replace"))


def folder_of(home: Path) -> Path:
    """Where they are."""
    return home / "dead-letters"


def dead_letters(home: Path) -> list[DeadLetter]:
    """All that are kept, the oldest first. A line that was cut short is left out."""
    found = [letter for why in WHYS for path in _files(folder_of(home) / f"{why}.jsonl") for letter in _lines(path)]
    return sorted(found, key=lambda letter: letter.at)


def _files(path: Path) -> list[Path]:
    return [path, *(path.with_suffix(f".{number}.jsonl") for number in range(1, _OLDER + 1))]


def _rotate(path: Path) -> None:
    newest_first = _files(path)
    for older, newer in reversed(list(zip(newest_first[1:], newest_first, strict=False))):
        if newer.exists():
            newer.replace(older)


def _lines(path: Path) -> Iterator[DeadLetter]:
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        with contextlib.suppress(ValidationError):
            yield DeadLetter.model_validate_json(line)
