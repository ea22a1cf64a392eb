import asyncio
import time

import pytest
from aiohttp import web

from lab.topology import Lab
from runbooks.steps import Reading
from tests.activities.calls import perform
from tests.activities.web import answering


async def look(**settings: object) -> Reading:
    """The reading."""
    result = await perform("detect.http", settings)
    assert result.reading is not None
    return result.reading


async def teapot(request: web.Request) -> web.Response:
    """Says who it was asked for."""
    return web.Response(status=418, text=f"short and stout at {request.host}")


async def test_status_and_text_must_be_as_expected() -> None:
    """Both are looked at, and the sentence says which is wrong."""
    async with answering(teapot) as url:
        good = await look(url=f"{url}/pot", status=418, contains="stout")
        assert (good.state, good.values["status"]) == ("healthy", 418)
        assert (await look(url=url)).reason == f"{url} answers HTTP 418, not 200."
        wrong = await look(url=url, status=418, contains="tall")
        assert (wrong.state, wrong.reason) == ("unhealthy", f"{url} answers without 'tall' in its text.")


async def test_refusal_and_silence_are_readings(closed: int, mute: int) -> None:
    """Refused at once, silent after the bound."""
    began = time.monotonic()
    refused = await look(url=f"http://127.0.0.1:{closed}/", timeout=30)
    assert time.monotonic() - began < 5.0
    silent = await look(url=f"http://127.0.0.1:{mute}/", timeout="200ms")
    assert (refused.state, silent.state) == ("unhealthy", "unhealthy")
    assert "refuses connections" in refused.reason
    assert "gave no answer" in silent.reason


async def test_an_answer_that_trickles_is_bounded_as_a_whole() -> None:
    """Each byte comes in time, the whole does not."""

    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b".")
            await asyncio.sleep(0.05)
        raise AssertionError

    async with answering(trickle) as url:
        began = time.monotonic()
        assert (await look(url=url, timeout=0.3)).state == "unhealthy"
        assert time.monotonic() - began < 4.0


async def test_the_given_name_servers_are_asked(named: Lab) -> None:
    """The URL's host is resolved by them, past the system's resolver, and stays in the Host header."""
    name, dns = named.public_name.rstrip("."), f"{named.dns_address}:{named.dns_port}"
    runner = web.AppRunner(app := web.Application())
    app.router.add_get("/", teapot)
    await runner.setup()
    await web.TCPSite(runner, named.active.address, named.public_port).start()
    url = f"http://{name}:{named.public_port}/"
    try:
        seen = await look(
            url=url,
            status=418,
            contains=f"at {name}:{named.public_port}",
            resolver={"servers": ["127.0.0.1:1", dns], "name": named.public_name},
        )
    finally:
        await runner.cleanup()
    assert (seen.state, seen.reason) == ("healthy", f"{url} answers as it should.")


async def test_a_url_of_another_name_is_our_own_fault(named: Lab) -> None:
    """Asking those servers for a host that they do not know proves nothing."""
    servers = [f"{named.dns_address}:{named.dns_port}"]
    reading = await look(url="http://other.example/", resolver={"servers": servers, "name": named.public_name})
    assert reading.state == "unknown"


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/", "http://[::1"])
async def test_what_is_no_http_url_is_not_healthy(url: str) -> None:
    """And does not raise."""
    assert (await look(url=url)).state != "healthy"


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, closed: int) -> None:
    """The probe meets the system itself."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed}")
    async with answering(teapot) as url:
        assert (await look(url=url, status=418)).state == "healthy"
