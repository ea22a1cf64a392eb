"""Whether this process itself stood still while it waited: then a silence says nothing of whoever was asked.

A machine that swaps, a paused virtual machine or a module that is imported in the middle of a look makes every bound
run out at once, and all regions look dead from there.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_TICK = 0.1
"""Seconds between two looks at the clock."""
_LEAST = 0.3
"""Seconds; a busy machine is late by less every now and then."""
_SHARE = 0.5


class Stillness:
    """How long the event loop did nothing at all since this was made, in seconds."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._seen = self._loop.time()
        self.seconds = 0.0

    @property
    def most(self) -> bool:
        """It stood still for half of the time or more."""
        return self.seconds >= max(_LEAST, _SHARE * (self._seen - self._began))

    async def watch(self) -> None:
        """Look at the clock again and again: whoever is woken late was not alone in that."""
        while True:
            await asyncio.sleep(_TICK)
            self.look()

    def look(self) -> None:
        """Count what has passed since the last look beyond a tick."""
        now = self._loop.time()
        self.seconds += max(0.0, now - self._seen - _TICK)
        self._seen = now


@asynccontextmanager
async def stillness() -> AsyncIterator[Stillness]:
    """Watches while the block runs; what it says counts after the block."""
    seen = Stillness()
    task = asyncio.create_task(seen.watch())
    try:
        yield seen
    finally:
        seen.look()
        task.cancel()
        await asyncio.wait({task})
