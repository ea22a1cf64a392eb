"""A line to Temporal that can freeze (nothing comes through any more) or be cut (nobody is there)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Line:
    """Bytes go both ways, as long as `open_`."""

    host: str
    port: int
    address: str = ""
    open_: asyncio.Event = field(default_factory=asyncio.Event)
    server: asyncio.Server | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def freeze(self) -> None:
        """Connections stay, and are silent."""
        self.open_.clear()

    def cut(self) -> None:
        """Connections end, and new ones are refused."""
        assert self.server is not None
        self.server.close()
        for task in self.tasks:
            task.cancel()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until one side ends it."""
        there, back = await asyncio.open_connection(self.host, self.port)
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self.tasks.add(task)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            try:
                while data := await source.read(65536):
                    await self.open_.wait()
                    sink.write(data)
                    await sink.drain()
            finally:
                sink.close()


@asynccontextmanager
async def line(address: str) -> AsyncIterator[Line]:
    """A line to that address."""
    host, _, port = address.rpartition(":")
    made = Line(host, int(port))
    made.open_.set()
    made.server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.address = "{}:{}".format(*made.server.sockets[0].getsockname()[:2])
    try:
        yield made
    finally:
        made.cut()
        await asyncio.gather(*made.tasks, return_exceptions=True)
