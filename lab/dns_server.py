"""A small authoritative DNS server of our own: one zone, signed dynamic updates, kept in a file.

`python -m lab.dns_server --config FILE`; the configuration and the interface shared with BIND are in `dns_config.py`.
"""

import asyncio
import logging
import struct
from pathlib import Path
from typing import cast

from lab.dns_config import DnsConfig
from lab.dns_protocol import Answerer
from lab.dns_zone import KeptZone
from lab.program import Program, config_from_argv, python_program, say_ready, stop_signal, write_durably

IDLE = 10.0
LENGTH = struct.Struct("!H")


def available() -> str | None:
    """Why this server cannot be used here: never, it is our own."""
    return None


def program(config: DnsConfig, home: Path, user: str | None = None) -> Program:
    """Write the server's configuration into `home` and say how to start it."""
    path = home / "dns_server.json"
    write_durably(path, config.model_dump_json(indent=2))
    started = python_program("lab.dns_server", path)
    return Program(argv=started.argv, env=started.env, user=user)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transport is no subclass of DatagramTransport before Python 3.12.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answerer.answer(data, udp=True)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


async def serve(config: DnsConfig, stop: asyncio.Event) -> None:
    """Answer over UDP and TCP until `stop` is set."""
    answerer = Answerer(KeptZone(config), config.key.tsig_key())
    open_connections: set[asyncio.StreamWriter] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections.add(writer)
        try:
            await _converse(answerer, reader, writer)
        finally:
            open_connections.discard(writer)
            writer.close()

    server = await asyncio.start_server(converse, config.address, config.port)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Udp(answerer), local_addr=(config.address, config.port)
    )
    try:
        say_ready()
        await stop.wait()
    finally:
        transport.close()
        server.close()
        for writer in open_connections:
            writer.close()
        await server.wait_closed()


async def _converse(answerer: Answerer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One TCP connection: any number of messages, each after its length (RFC 7766)."""
    try:
        while True:
            async with asyncio.timeout(IDLE):
                (size,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                wire = await reader.readexactly(size)
            answer = answerer.answer(wire, udp=False)
            if answer is None:
                return
            writer.write(LENGTH.pack(len(answer)) + answer)
            await writer.drain()
    except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
        return  # it has said all that it wanted, or has gone


async def main() -> None:
    """Serve until SIGTERM."""
    config = config_from_argv(DnsConfig, "lab.dns_server")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    await serve(config, stop_signal())


if __name__ == "__main__":
    asyncio.run(main())
