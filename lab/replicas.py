"""A group of equal processes that is kept at its size: each is started, watched, and started again when it dies."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

LOG = logging.getLogger(__name__)
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
STOP_WITHIN = 5.0


@dataclass
class _Slot:
    """One place in the group, whatever process fills it just now."""

    number: int
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    ready: bool = False
    keeper: asyncio.Task[None] | None = None


class ReplicaGroup:
    """Keeps `desired` processes alive. A process is ready from when it says so on stdout until it ends."""

    def __init__(self, argv: Sequence[str]) -> None:
        # Were this process killed, the replicas must not live on without anybody who counts them.
        self._argv = (*argv, "--parent", str(os.getpid()))
        self._slots: list[_Slot] = []
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def desired(self) -> int:
        """How many there shall be."""
        return len(self._slots)

    @property
    def ready(self) -> int:
        """How many serve now."""
        return sum(slot.ready for slot in self._slots)

    def resize(self, desired: int) -> None:
        """Start what is missing and stop, newest first, what is too much; does not wait."""
        while len(self._slots) < desired:
            slot = _Slot(number=len(self._slots))
            slot.keeper = asyncio.create_task(self._keep(slot), name=f"replica {slot.number}")
            self._slots.append(slot)
        while len(self._slots) > desired:
            leaving = self._slots.pop()
            leaving.stopping.set()
            assert leaving.keeper is not None
            self._leaving.add(leaving.keeper)
            leaving.keeper.add_done_callback(self._leaving.discard)

    async def stop(self) -> None:
        """Stop all; returns when nothing of them is left."""
        self.resize(0)
        if self._leaving:
            await asyncio.gather(*self._leaving)

    async def _keep(self, slot: _Slot) -> None:
        pause = FIRST_PAUSE
        while not slot.stopping.is_set():
            was_ready = await self._live(slot)
            pause = FIRST_PAUSE if was_ready else min(pause * 2, LONGEST_PAUSE)
            if not slot.stopping.is_set():
                LOG.warning("replica %d ended; it is started again in %.1f s", slot.number, pause)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await slot.stopping.wait()

    async def _live(self, slot: _Slot) -> bool:
        """One process from its start to its end; whether it was ever ready."""
        process = await asyncio.create_subprocess_exec(
            *self._argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
        was_ready = False
        stopping = asyncio.create_task(slot.stopping.wait())
        listening = asyncio.create_task(self._listen(process, slot))
        try:
            await asyncio.wait({stopping, listening}, return_when=asyncio.FIRST_COMPLETED)
            was_ready = slot.ready
        finally:
            slot.ready = False
            stopping.cancel()
            await _end(process)
            await listening
            slot.ready = False
        LOG.info("replica %d (process %d) ended with %s", slot.number, process.pid, process.returncode)
        return was_ready

    async def _listen(self, process: asyncio.subprocess.Process, slot: _Slot) -> None:
        """Until the process closes its stdout, which it does at the latest when it dies."""
        assert process.stdout is not None
        async for line in process.stdout:
            if line.strip() == b"ready":
                slot.ready = True
                LOG.info("replica %d (process %d) is ready", slot.number, process.pid)


async def _end(process: asyncio.subprocess.Process) -> None:
    """SIGTERM, and SIGKILL to what does not go by itself."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
