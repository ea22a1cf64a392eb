"""Terraform as a process of our own: its output goes to files, so that a worker that dies takes no apply with it.

A pipe would break with the worker, and the next line that Terraform writes would end it in the middle of a change, with
its state unsaved. So what was begun goes on, holds its lock, and the next worker finds the lock, and then the result.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_EVERY = 0.1
"""Seconds between two looks at the output."""
_TAIL = 8192
_CANNOT_START = 127


@dataclass(frozen=True)
class Ended:
    """How a command ended: `code` is None when it was ended by its bound. `error` is the end of its error output."""

    code: int | None
    out: str
    error: str


@dataclass(frozen=True)
class Command:
    """One command line, where it runs, and its bounds in seconds."""

    argv: Sequence[str]
    env: Mapping[str, str]
    folder: Path
    within: float
    grace: float
    """Between the interrupt, at which Terraform saves its state, and the kill of all its processes."""


async def run(command: Command, log: Path, each: Callable[[str], None] = lambda _: None) -> Ended:
    """Run it to its end; `each` gets every line of its output while it runs. Cancelled, it is interrupted."""
    errors = log.with_suffix(".errors")
    with log.open("wb") as out, errors.open("wb") as wrong:
        try:
            process = await asyncio.create_subprocess_exec(
                *command.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=wrong,
                env=dict(command.env),
                cwd=command.folder,
                start_new_session=True,
            )
        except OSError as error:
            return Ended(_CANNOT_START, "", f"{command.argv[0]} cannot be started: {error.strerror or error}")
    with _Lines(log, each) as lines:
        reading = asyncio.create_task(lines.follow())
        try:
            code = await _wait(process, command)
        finally:
            reading.cancel()
            await asyncio.wait({reading})
            lines.read()  # what it wrote last
    said, wrong_said = await asyncio.to_thread(_texts, log, errors)
    return Ended(code, said, wrong_said[-_TAIL:])


def _texts(*files: Path) -> tuple[str, ...]:
    return tuple(file.read_text(errors="replace") for file in files)


async def _wait(process: asyncio.subprocess.Process, command: Command) -> int | None:
    try:
        async with asyncio.timeout(command.within):
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            await _end(process, command.grace)


async def _end(process: asyncio.subprocess.Process, grace: float) -> None:
    """One interrupt to Terraform itself: it stops its providers in order. A second would make it drop everything."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await process.wait()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


class _Lines:
    """A file that grows: hands on each whole line once."""

    def __init__(self, log: Path, each: Callable[[str], None]) -> None:
        self._each = each
        self._file = log.open(encoding="utf-8", errors="replace")
        self._rest = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self) -> None:
        """What is there by now."""
        *lines, self._rest = (self._rest + self._file.read()).split("\n")
        for line in lines:
            self._each(line)

    async def follow(self) -> None:
        """Until it is cancelled."""
        while True:
            self.read()
            await asyncio.sleep(_EVERY)
