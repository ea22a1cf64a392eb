"""A client that writes row after row where the public name leads, and knows which it was told are written."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
from dns.exception import DNSException

from tests.lab.started import until

_PAUSE = 0.03


@dataclass
class Writer:
    """`acknowledged`: what is in the rows that it was told are written, by the region that took them."""

    leads: Callable[[], Awaitable[str]]
    dsn: Callable[[str], str]
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    collisions: list[str] = field(default_factory=list)
    """What was said where a number was given out twice."""
    over: bool = False
    """A cancellation alone may be lost: psycopg waits by `asyncio.wait_for`, which loses one in Python 3.11."""

    @property
    def words(self) -> set[str]:
        """Of every row that it was told is written."""
        return {word for words in self.acknowledged.values() for word in words}

    async def goes_on(self, region: str, within: float = 60) -> None:
        """Until the region has taken a row more."""
        had = len(self.acknowledged.get(region, ()))

        async def more() -> bool:
            return len(self.acknowledged.get(region, ())) > had

        await until(more, within=within)

    async def write(self) -> None:
        """Until it is over; whoever takes no row is left, and the name asked again."""
        while not self.over:
            try:
                await self._write_in(await self.leads())
            except psycopg.errors.UniqueViolation as error:
                self.collisions.append(str(error))
            except (psycopg.Error, DNSException, OSError, EOFError):
                pass
            await asyncio.sleep(_PAUSE)

    async def _write_in(self, region: str) -> None:
        async with await psycopg.AsyncConnection.connect(self.dsn(region), autocommit=True) as connection:
            while not self.over:
                word = uuid4().hex
                await connection.execute("INSERT INTO written (word) VALUES (%s)", (word,))
                self.acknowledged.setdefault(region, []).append(word)
                await asyncio.sleep(_PAUSE)


@asynccontextmanager
async def writing(writer: Writer) -> AsyncIterator[Writer]:
    """It writes while the block runs."""
    task = asyncio.create_task(writer.write())
    try:
        yield writer
    finally:
        writer.over = True
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
