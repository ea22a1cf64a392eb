"""What stands before a name server, for UDP and TCP: it counts the updates, and can be bent.

Bends: `deny` (REFUSED, as to those whom `allow-query` leaves out), `throttle` (over UDP a cut answer without records,
as BIND's rate limit gives: TCP is to be asked), `hang` (no answer), `lose` (it is done, its answer does not come back).
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

import dns.flags
import dns.message
import dns.opcode
import dns.rcode

from tests.conformance.http_front import Bend
from tests.lab.started import free_port

_LENGTH = struct.Struct("!H")


class DnsFront:
    """Before one server."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self._tasks: set[asyncio.Task[None]] = set()
        self.bends: list[Bend] = []
        self.changes = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Its `host:port`."""
        port = free_port()
        loop = asyncio.get_running_loop()
        udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(self), local_addr=("127.0.0.1", port))
        tcp = await asyncio.start_server(self._converse, "127.0.0.1", port)
        try:
            yield f"127.0.0.1:{port}"
        finally:
            udp.close()
            tcp.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await tcp.wait_closed()

    def spawn(self, wire: bytes, back: tuple[str, int], udp: asyncio.DatagramTransport) -> None:
        """Answer one datagram."""

        async def answer() -> None:
            said = await self._answered(wire, udp=True)
            if said is not None and not udp.is_closing():
                udp.sendto(said, back)

        self._keep(asyncio.create_task(answer()))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._keep(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while (said := await self._answered(await _read(reader), udp=False)) is not None:
                    writer.write(_LENGTH.pack(len(said)) + said)
                    await writer.drain()
        finally:
            writer.close()

    async def _answered(self, wire: bytes, *, udp: bool) -> bytes | None:
        """None: nothing comes back."""
        asked = dns.message.from_wire(wire, keyring=lambda _message, _name: False)
        change = asked.opcode() == dns.opcode.UPDATE
        self.changes += change
        bends = (bend for bend in self.bends if udp or bend.mode != "throttle")
        match next((bend.mode for bend in bends if bend.takes(change=change)), None):
            case None:
                return await self._handed_on(wire)
            case "deny":
                return _short(wire, dns.rcode.REFUSED)
            case "throttle":
                return _short(wire, dns.rcode.NOERROR, dns.flags.TC)
            case "hang":
                await asyncio.Event().wait()
            case "lose":
                await self._handed_on(wire)
            case mode:
                raise NotImplementedError(mode)
        return None

    async def _handed_on(self, wire: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self._server)
        try:
            writer.write(_LENGTH.pack(len(wire)) + wire)
            return await _read(reader)
        finally:
            writer.close()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, front: DnsFront) -> None:
        self._front = front

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transport is no subclass of DatagramTransport before Python 3.12.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._front.spawn(data, addr, self._transport)


async def _read(reader: asyncio.StreamReader) -> bytes:
    (size,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    return await reader.readexactly(size)


def _short(wire: bytes, code: dns.rcode.Rcode, flags: int = 0) -> bytes:
    """An answer without records."""
    asked = dns.message.from_wire(wire, keyring=lambda _message, _name: False)
    said = dns.message.Message(id=asked.id)
    said.flags = dns.flags.Flag(dns.flags.QR | flags)
    said.set_opcode(asked.opcode())
    said.set_rcode(code)
    said.question = asked.question
    return said.to_wire()
