"""The client load's journal: every attempt, one JSON line each, written out at once so that a kill loses none."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from pydantic import ValidationError

from runbooks.values import Model, UnixTime

Kind = Literal["write", "ask", "resolve"]


class Attempt(Model):
    """One thing the client tried: `at` is when it knew the outcome. A good write is one that was acknowledged."""

    kind: Kind
    client: str
    started: UnixTime
    at: UnixTime
    good: bool
    n: int | None = None
    """The number written."""
    region: str | None = None
    """Who answered."""
    addresses: tuple[str, ...] = ()
    """What the public name led to."""
    why: str | None = None
    """Why it was not good."""


class Journal:
    """An append-only file of attempts."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", buffering=1)

    def write(self, attempt: Attempt) -> None:
        """Append one attempt; it is with the operating system when this returns."""
        self._file.write(attempt.model_dump_json(exclude_none=True, exclude_defaults=True) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._file.close()


def read_journal(path: Path) -> tuple[Attempt, ...]:
    """The attempts of a journal, of a killed client too: a last line that was cut off is left out."""
    return tuple(_attempts(path.read_text().splitlines()))


def _attempts(lines: Iterable[str]) -> Iterable[Attempt]:
    for line in lines:
        with suppress(json.JSONDecodeError, ValidationError):
            yield Attempt.model_validate_json(line)
