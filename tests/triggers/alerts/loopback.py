"""Where proofs are fetched from in tests: a real HTTP server on loopback, to which a transport leads every host."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx


@dataclass
class Elsewhere:
    """What is served, by host and path, and what was asked for."""

    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        host = next(line.partition(":")[2].strip() for line in head.splitlines() if line.lower().startswith("host:"))
        url = f"https://{host}{path}"
        self.asked.append(url)
        body = self.pages.get(url)
        status = "200 OK" if body is not None else "404 Not Found"
        content = body or b""
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode() + content
        )
        await writer.drain()
        writer.close()

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """Every host is here."""
        return _Here(self)


class _Here(httpx.AsyncBaseTransport):
    def __init__(self, elsewhere: Elsewhere) -> None:
        self._elsewhere = elsewhere
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._elsewhere.port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@asynccontextmanager
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """A server on a loopback port."""
    made = Elsewhere()
    server = await asyncio.start_server(made._answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
