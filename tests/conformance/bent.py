"""Ways to real servers that can be bent: a TCP proxy for each, in one thread, which reads what passes.

Bends: `hang` (connections are taken, and nothing is ever said), `refuse` (closed at once), `throttle` (turned away as
the server itself does with one client too many), `lose` (a request that changes something is carried out, and its
answer is lost with the connection). Connections that are there already are touched by `lose` only.
"""

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass

from tests.conformance.wires import Wire

_CHUNK = 65536
_START_SECONDS = 10.0


@dataclass
class Bend:
    """What is done, how often (None: always), and to which requests (a part of their text; `*`: all)."""

    mode: str
    match: str = "*"
    times: int | None = None

    def takes(self, mode: str, request: str = "") -> bool:
        """It is for this one."""
        if self.mode != mode or self.times == 0 or (self.match not in ("*", "changes") and self.match not in request):
            return False
        self.times = None if self.times is None else self.times - 1
        return True


class Way:
    """The way to one server: 127.0.0.1 and `port` lead there."""

    def __init__(self, host: str, port: int, wire: type[Wire]) -> None:
        self._there = host, port
        self._wire = wire
        self._bend: Bend | None = None
        self._straight = asyncio.Event()
        self._taken: set[asyncio.Task[None]] = set()
        """The event loop alone would not keep what waits for nothing but its own sockets."""
        self.port = 0
        self.changes = 0
        """So many requests that change something went through."""

    def bend(self, bend: Bend) -> None:
        """From now on."""
        self._bend = bend

    async def straighten(self) -> None:
        """No bend any more; whoever still waits for an answer is hung up on. In the thread of the ways."""
        self._bend = None
        self._straight.set()
        self._straight = asyncio.Event()

    async def open(self) -> asyncio.Server:
        """Listen."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._taken.add(task)
        task.add_done_callback(self._taken.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                await self._lead(reader, writer)
        finally:
            writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bend = self._bend
        if bend is not None and bend.takes("refuse"):
            writer.transport.abort()
        elif bend is not None and bend.takes("hang"):
            await self._straight.wait()
            writer.transport.abort()
        elif bend is not None and bend.takes("throttle"):
            await self._wire.turn_away(reader, writer)
        else:
            await self._relay(reader, writer)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._there)
        wire, lost = self._wire(), asyncio.Event()

        async def up() -> None:
            while data := await reader.read(_CHUNK):
                for request in wire.changes(data):
                    self.changes += 1
                    if self._bend is not None and self._bend.takes("lose", request):
                        lost.set()
                there_writer.write(data)
                await there_writer.drain()
            there_writer.write_eof()

        async def down() -> None:
            while data := await there_reader.read(_CHUNK):
                if lost.is_set():
                    writer.transport.abort()
                    return
                writer.write(data)
                await writer.drain()
            writer.write_eof()

        carried = [asyncio.create_task(up()), asyncio.create_task(down())]
        try:
            # When one direction ends in an error, or the answer was lost, the other one has nobody to talk to either.
            done, _ = await asyncio.wait(carried, return_when=asyncio.FIRST_EXCEPTION)
            if not lost.is_set():
                await asyncio.gather(*done)
        finally:
            for task in carried:
                task.cancel()
            await asyncio.gather(*carried, return_exceptions=True)
            there_writer.transport.abort()


class Ways:
    """All of them, for as long as the tests of a file last."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ways", daemon=True)
        self._thread.start()
        self._servers: list[asyncio.Server] = []
        self._ways: list[Way] = []

    def to(self, host: str, port: int, wire: type[Wire]) -> Way:
        """A new way."""
        way = Way(host, port, wire)
        self._servers.append(asyncio.run_coroutine_threadsafe(way.open(), self._loop).result(_START_SECONDS))
        self._ways.append(way)
        return way

    def straighten(self) -> None:
        """None is bent."""

        async def all_of_them() -> None:
            for way in self._ways:
                await way.straighten()

        asyncio.run_coroutine_threadsafe(all_of_them(), self._loop).result(_START_SECONDS)

    def close(self) -> None:
        """Nothing is left of them."""

        async def end() -> None:
            for server in self._servers:
                server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(_START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_SECONDS)
        self._loop.close()
