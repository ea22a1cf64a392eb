"""What stands before an HTTP server: it knows which requests change something, and can be bent.

Bends: `throttle` (429), `stray` (200, a page that is none of the server's), `hang` (no answer), `lose` (the request
goes through, its answer does not come back). Credentials are the server's own business.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from tests.activities.web import Answer, answering


@dataclass
class Bend:
    """What is done to requests that match `changes` or `*`, so many times (None: always)."""

    match: str
    mode: str
    times: int | None

    def takes(self, *, change: bool) -> bool:
        """It is for this request."""
        if self.times == 0 or not (change or self.match == "*"):
            return False
        self.times = None if self.times is None else self.times - 1
        return True


class HttpFront:
    """Before one server."""

    def __init__(self, answer: Answer, changing: Callable[[web.Request], bool]) -> None:
        self._answer, self._changing = answer, changing
        self._released = asyncio.Event()
        self.bends: list[Bend] = []
        self.changes = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Its URL, without a slash at the end."""
        async with answering(self._serve) as url:
            try:
                yield url
            finally:
                self._released.set()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        change = self._changing(request)
        self.changes += change
        mode = next((bend.mode for bend in self.bends if bend.takes(change=change)), None)
        match mode:
            case None:
                return await self._answer(request)
            case "throttle":
                return web.Response(status=429, headers={"Retry-After": "1"})
            case "stray":
                return web.Response(text="<html><h1>Please log in</h1></html>", content_type="text/html")
            case "hang":
                await self._released.wait()
            case "lose":
                await self._answer(request)
            case _:
                raise NotImplementedError(mode)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


def onward(url: str) -> Answer:
    """Hand each request on to that server, and bring its answer."""

    async def answer(request: web.Request) -> web.StreamResponse:
        headers = {name: value for name, value in request.headers.items() if name not in ("Host", "Content-Length")}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, url + request.path_qs, headers=headers, data=await request.read()
            ) as brought,
        ):
            body = await brought.read()
            kept = {name: value for name, value in brought.headers.items() if name in ("Content-Type", "Retry-After")}
            return web.Response(status=brought.status, headers=kept, body=body)

    return answer
