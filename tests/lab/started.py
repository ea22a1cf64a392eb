"""Programs of the lab, started for one test and gone after it."""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from lab.program import Program, python_program


def free_port(address: str = "127.0.0.1") -> int:
    """A port that is free now, for UDP and TCP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind((address, 0))
            port = int(tcp.getsockname()[1])
            with suppress(OSError):
                udp.bind((address, port))
                return port


@asynccontextmanager
async def started(program: Program) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program as a child process; killed in the end if it has not ended by itself."""
    process = await asyncio.create_subprocess_exec(
        *program.argv,
        cwd="/",
        user=program.user,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


@asynccontextmanager
async def serving(module: str, config_file: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """One of the lab's own programs, from when it has said `ready`."""
    async with started(python_program(module, config_file)) as process:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"ready\n"
        yield process


async def stopped(process: asyncio.subprocess.Process, number: int = signal.SIGTERM) -> int:
    """The exit code after the signal."""
    process.send_signal(number)
    return await asyncio.wait_for(process.wait(), 10)


async def until(condition: Callable[[], Awaitable[bool]], within: float = 60.0) -> None:
    """Wait until the condition is true, asking often; as long as a process of Python's needs to start among many."""
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, "it did not become true in time"
        await asyncio.sleep(0.02)
