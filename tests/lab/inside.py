"""Clients that live inside a region, beside its servers: a partition does not touch them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import nats
import nats.errors
import nats.js.errors
import psycopg

from lab.topology import APP, QUEUE_APP, Lab

INSIDE = "events.inside"
_EVERY = 0.03
_PATIENCE = 1.0


@dataclass
class Inside:
    """Writes numbered rows and messages at the region's own servers, all the time.

    Of each that was acknowledged, when it was sent: an answer may lie unread for a while on a busy machine.
    """

    lab: Lab
    region: str
    rows: dict[int, float] = field(default_factory=dict)
    messages: dict[int, float] = field(default_factory=dict)
    _over: bool = False
    """A cancellation alone may be lost: nats waits by `asyncio.wait_for`, which loses one in Python 3.11."""

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["Inside"]:
        """For as long as the block lasts."""
        self._tasks = [asyncio.create_task(self._write_on()), asyncio.create_task(self._publish_on())]
        try:
            yield self
        finally:
            await self.rest()

    async def rest(self) -> None:
        """Write and publish no more."""
        self._over = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def acknowledged(self, rows_since: float, messages_since: float) -> tuple[int, int]:
        """How many rows, and how many messages, that were sent since then."""
        rows = sum(at > rows_since for at in self.rows.values())
        return rows, sum(at > messages_since for at in self.messages.values())

    async def _write_on(self) -> None:
        number = 0
        while not self._over:
            began = time.time()
            with suppress(psycopg.Error, TimeoutError):
                async with (
                    asyncio.timeout(_PATIENCE),
                    await psycopg.AsyncConnection.connect(self.lab.dsn(self.region, APP), autocommit=True) as session,
                ):
                    await session.execute(
                        "INSERT INTO rows (client, n, region) VALUES (%s, %s, %s)", ("inside", number, self.region)
                    )
                self.rows[number] = began
            number += 1
            await asyncio.sleep(_EVERY)

    async def _publish_on(self) -> None:
        place, number = self.lab.region(self.region), 0
        client = await nats.connect(
            f"nats://{place.address}:{place.queue_port}",
            user=QUEUE_APP,
            password=self.lab.password(QUEUE_APP),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.1,
            error_cb=_ignore,
        )
        try:
            while not self._over:
                began = time.time()
                with suppress(nats.errors.Error, nats.js.errors.Error, OSError):
                    answer = await client.jetstream().publish(INSIDE, str(number).encode(), timeout=_PATIENCE)
                    if answer.domain == self.region:
                        self.messages[number] = began
                number += 1
                await asyncio.sleep(_EVERY)
        finally:
            await client.close()


async def _ignore(_error: Exception) -> None:
    """A server that is being broken complains; what counts is what it acknowledges."""
