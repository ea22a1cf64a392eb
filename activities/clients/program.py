"""Programs run to their end, with a bound, their whole process group with them."""

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from activities.errors import StepError
from runbooks.steps import ErrorType

_TAIL = 4096
_GRACE = 2.0
"""Between SIGTERM and SIGKILL."""
_DRAIN = 0.2
"""How long the output is read after the end: a child left running may hold it open for ever."""
_CANNOT_START = 127


@dataclass(frozen=True)
class Finished:
    """How it ended: `code` is None when it was ended by the bound. `tail` is the end of its output."""

    code: int | None
    tail: str


class _Tail(asyncio.Protocol):
    """Keeps the last bytes of a pipe."""

    def __init__(self) -> None:
        self.kept = b""
        self.closed = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.kept = (self.kept + data)[-_TAIL:]

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.closed.set()


def find_program(name: str, env: Mapping[str, str]) -> None:
    """It could be started. Raises StepError: not found, or denied."""
    path = os.pathsep.join(os.get_exec_path(env))
    if shutil.which(name, path=path):
        return
    there = shutil.which(name, os.F_OK, path)
    if there:
        why = f"{there} may not be run by the worker's user: check its mode and its owner."
        raise StepError(ErrorType.DENIED, why)
    raise StepError(
        ErrorType.NOT_FOUND, f"There is no program {name} on this worker: put it there, or correct the runbook."
    )


async def run_program(argv: Sequence[str], env: Mapping[str, str], within: float) -> Finished:
    """Run it and wait. When the wait is cancelled, or too long, SIGTERM and then SIGKILL go to its whole group."""
    # A pipe of our own: asyncio's would make `wait` wait for grandchildren that inherited it.
    out, into = os.pipe()
    tail = _Tail()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: tail, os.fdopen(out, "rb"))
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=asyncio.subprocess.DEVNULL, stdout=into, stderr=into, env=env, start_new_session=True
            )
        finally:
            os.close(into)
        code = await _wait(process, within)
        await _quietly(tail.closed.wait(), _DRAIN)
    except OSError as error:
        words = error.strerror or type(error).__name__
        return Finished(_CANNOT_START, f"{argv[0]} cannot be started: {words}")
    finally:
        transport.close()
    return Finished(code, tail.kept.decode(errors="replace"))


async def _wait(process: asyncio.subprocess.Process, within: float) -> int | None:
    try:
        async with asyncio.timeout(within):
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    _signal(process, signal.SIGTERM)
    try:
        await _quietly(process.wait(), _GRACE)
    finally:
        # Also when the first one ended at once: its children may not have.
        _signal(process, signal.SIGKILL)
        await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


async def _quietly(waiting: Awaitable[object], within: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await waiting
