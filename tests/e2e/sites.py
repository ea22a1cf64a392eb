"""What answers in each region of a test's system: a service on an address of its own, which can be lost."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from tests.lab.started import free_port


class Sites:
    """One service a region, all on the same port."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.addresses = dict(addresses)
        self.port = free_port()
        self._runners: dict[str, web.AppRunner] = {}

    async def start(self, region: str) -> None:
        """It answers."""
        app = web.Application()
        app.add_routes([web.get("/healthz", _healthy), web.post("/v1/chat/completions", _answer)])
        runner = self._runners[region] = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, self.addresses[region], self.port).start()

    async def lose(self, region: str) -> None:
        """It refuses."""
        await self._runners.pop(region).cleanup()


async def _healthy(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _answer(_: web.Request) -> web.Response:
    return web.json_response({"choices": [{"message": {"role": "assistant", "content": "4"}}]})


@asynccontextmanager
async def sites(addresses: Mapping[str, str]) -> AsyncIterator[Sites]:
    """All of them, while the block runs."""
    made = Sites(addresses)
    try:
        for region in made.addresses:
            await made.start(region)
        yield made
    finally:
        for region in list(made._runners):
            await made.lose(region)
