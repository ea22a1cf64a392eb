"""A region's edge: every connection from outside the region comes in through it. `python -m lab.edge --config FILE`.

It listens on the region's outer address, at every port that the region's servers have on the inner one, and carries
the bytes. When the region is cut off, it carries nothing any more, in neither direction, and says nothing: as on a
network that drops packets, both ends wait. When the link is mended, what was under way goes on, as TCP does.

A region that is cut off must not reach others either. So while any region is, each edge asks the system whose process
a connection comes from (`whose.py`). SIGHUP: read the orders again.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from lab.links import Cuts, Links
from lab.program import Config, Program, config_from_argv, python_program, say_ready, stop_signal
from lab.topology import Lab, LabRegion, write_atomically
from lab.whose import End, held_by, socket_of

_CHUNK = 65536

LOG = logging.getLogger(__name__)


class EdgeConfig(Config):
    """Whose edge it is."""

    home: Path
    region: str


def program(lab: Lab, region: LabRegion) -> Program:
    """Write the edge's configuration, and say how to start it."""
    file = lab.home / "config" / f"{region.name}.edge.json"
    write_atomically(file, EdgeConfig(home=lab.home, region=region.name).model_dump_json() + "\n")
    return python_program("lab.edge", file)


class Relay:
    """One connection through the edge. While `open` is not set, nothing is carried."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.far: End = writer.get_extra_info("peername")
        self.near: End = writer.get_extra_info("sockname")
        self.open = asyncio.Event()

    async def carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Until the source ends; its end is carried too."""
        while data := await source.read(_CHUNK):
            await self.open.wait()
            sink.write(data)
            await sink.drain()
        await self.open.wait()
        if sink.can_write_eof():
            sink.write_eof()


class Edge:
    """All connections through one region's edge."""

    def __init__(self, lab: Lab, region: LabRegion) -> None:
        self._lab = lab
        self._region = region
        self._links = Links(lab.home)
        self._cuts = Cuts()
        self._relays: set[Relay] = set()
        self._turn = asyncio.Lock()
        self._next_look: asyncio.Task[frozenset[int]] | None = None

    async def serve(self) -> list[asyncio.Server]:
        """Listen at every port."""
        await self.heed()
        region = self._region
        ports = (*region.ports, self._lab.public_port)
        return [await asyncio.start_server(self._take(port), region.edge, port, backlog=512) for port in ports]

    async def heed(self) -> None:
        """Read the orders and carry them out, on what is under way too."""
        self._cuts = self._links.read()
        await self._judge(*self._relays)
        self._links.heed(self._region.name, self._cuts.version)
        LOG.info("heeded %s", self._cuts)

    async def _judge(self, *relays: Relay) -> None:
        """Open those that nothing cuts off, and stop the others."""
        cut = self._region.name in self._cuts.cut
        held = frozenset[int]()
        if relays and self._cuts.cut and not cut:
            held = await self._held()
        for relay in relays:
            if cut or (held and socket_of(relay.far, relay.near) in held):
                relay.open.clear()
            else:
                relay.open.set()

    async def _held(self) -> frozenset[int]:
        """The sockets of the regions that are cut off: one look for all who wait for it."""
        if self._next_look is None:
            self._next_look = asyncio.create_task(self._look())
        return await asyncio.shield(self._next_look)

    async def _look(self) -> frozenset[int]:
        async with self._turn:
            self._next_look = None  # whoever comes from here on has a newer connection, and needs a newer look
            return await asyncio.to_thread(held_by, self._lab, self._cuts.cut)

    def _take(self, port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            relay = Relay(writer)
            self._relays.add(relay)
            try:
                await self._judge(relay)
                await relay.open.wait()
                await self._join(relay, port, reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                _reset(writer)
            finally:
                self._relays.discard(relay)
                writer.close()

        return take

    async def _join(self, relay: Relay, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(self._region.address, port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(relay.carry(reader, inner_writer))
                group.create_task(relay.carry(inner_reader, writer))
        except* OSError:
            await relay.open.wait()  # that one end is gone is not known at the other while the link is cut
            _reset(writer)
        finally:
            inner_writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """The outer end learns at once that the inner one refuses or is gone."""
    writer.transport.abort()


async def main() -> None:
    """Serve until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    config = config_from_argv(EdgeConfig, "lab.edge")
    lab = Lab.load(config.home)
    edge = Edge(lab, lab.region(config.region))
    stop, told = stop_signal(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, told.set)
    servers = await edge.serve()
    say_ready()
    waiting = asyncio.create_task(stop.wait())
    while not stop.is_set():
        hearing = asyncio.create_task(told.wait())
        await asyncio.wait({waiting, hearing}, return_when=asyncio.FIRST_COMPLETED)
        hearing.cancel()
        if told.is_set():
            told.clear()
            await edge.heed()
    for server in servers:
        server.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
