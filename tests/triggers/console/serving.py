"""`evac serve` with an open console, and a browser at it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.triggers.conftest import Door, ended


@asynccontextmanager
async def serving(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """The server with an open console, which has reached Temporal; a browser at it."""
    (door.home / "evac-serve.yaml").write_text(
        'evac-serve: 1\nlisten: 127.0.0.1:0\nrunbooks: ["llm-*.yaml"]\nconsole: {}\n'
    )
    process = await door.begin("serve", "--config", str(door.home / "evac-serve.yaml"))
    assert process.stderr is not None
    while b"serving at " not in (line := await process.stderr.readline()):
        assert line, "it ended"
    url = line.decode().partition("serving at ")[2].partition(";")[0]
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, trust_env=False, timeout=30) as http:
        await page(http, "/healthz")
        yield http
    process.terminate()
    ran = await ended(process)
    assert (ran.code, "Traceback" in ran.err) == (0, False)


async def page(http: httpx.AsyncClient, path: str) -> str:
    """The page, as soon as it is there."""
    deadline = time.monotonic() + 30
    while (got := await http.get(path)).status_code == 503:
        assert time.monotonic() < deadline, got.text
        await asyncio.sleep(0.1)
    assert got.status_code == 200, got.text
    return got.text
