"""Whether this process itself stood still while it waited: then a silence says nothing of whoever was asked.

A machine that swaps, a paused virtual machine or a module that is imported in the middle of a look makes every bound
run out at once, and all regions look dead from there.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.lifeline import meanwhile

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

    async def look(self) -> None:
        """Count what has passed since the last look beyond a tick: whoever is woken late was not alone in that."""
        now = self._loop.time()
        self.seconds += max(0.0, now - self._seen - _TICK)
        self._seen = now


@asynccontextmanager
async def stillness() -> AsyncIterator[Stillness]:
    """Watches while the block runs; what it says counts after the block."""
    seen = Stillness()
    async with meanwhile(seen.look, every=_TICK):
        try:
            yield seen
        finally:
            await seen.look()
