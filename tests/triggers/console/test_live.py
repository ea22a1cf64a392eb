"""The console before a real run: started, followed and decided from a browser, with `evac serve`."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from runbooks.runs import Phase
from tests.triggers.conftest import Door, ended
from tests.triggers.console.seen import fields
from tests.workflows.world import runbook

APPROVED = {"failover": {"approval": {"by": ["local"], "count": 1, "timeout": "5m", "allow_self": True}}}


@asynccontextmanager
async def serving(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """The server with an open console; a browser at it."""
    (door.home / "evac-serve.yaml").write_text(
        'evac-serve: 1\nlisten: 127.0.0.1:0\nrunbooks: ["*.book"]\nconsole: {}\n'
    )
    book = runbook(name=door.name, policy=APPROVED).model_dump(mode="json", exclude_unset=True)
    (door.home / "llm.book").write_text(json.dumps(book))
    process = await door.begin("serve", "--config", str(door.home / "evac-serve.yaml"))
    assert process.stderr is not None
    while b"serving at " not in (line := await process.stderr.readline()):
        assert line, "it ended"
    url = line.decode().partition("serving at ")[2].partition(";")[0]
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, trust_env=False, timeout=30) as http:
        yield http
    process.terminate()
    ran = await ended(process)
    assert (ran.code, "Traceback" in ran.err) == (0, False)


async def page(http: httpx.AsyncClient, path: str) -> str:
    """The page, as soon as the server has reached Temporal."""
    deadline = time.monotonic() + 30
    while (got := await http.get(path)).status_code == 503:
        assert time.monotonic() < deadline, got.text
        await asyncio.sleep(0.1)
    assert got.status_code == 200, got.text
    return got.text


async def test_a_failover_is_started_followed_and_approved_in_the_browser(door: Door) -> None:
    """The form starts it, the stream brings each change and ends with the run; the run judges what was said."""
    async with serving(door) as http:
        offer = fields(await page(http, f"/runbooks/{door.name}"), "Start failover")
        asked = {**offer, "source": "us-east-1", "typed": door.name, "reason": "the region is gone"}
        begun = await http.post(f"/runbooks/{door.name}/start", data=asked)
        assert (begun.status_code, "started: failover of" in begun.text) == (202, True), begun.text
        await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
        assert "1 more approval by local" in await page(http, "/")
        form = fields(await page(http, f"/runs/{door.name}"), "Approve plan")
        heard: list[str] = []
        async with http.stream("GET", f"/runs/{door.name}/events") as stream:
            kinds = (line.removeprefix("event: ") async for line in stream.aiter_lines() if line.startswith("event: "))
            heard.append(await anext(kinds))
            said = await http.post(f"/runs/{door.name}/decisions", data={**form, "typed": door.name})
            assert (said.status_code, "approve by local counts" in said.text) == (200, True), said.text
            heard += [kind async for kind in kinds]
        assert (heard[0], heard[-1]) == ("state", "over")
        state = (await http.get(f"/api/v1/runs/{door.name}")).json()
        decision = state["decisions"][0]["decision"]
        assert (state["outcome"], decision["by"]) == ("recovered", "local")
        assert decision["proof"].startswith("not proved")
        late = await http.post(f"/runs/{door.name}/decisions", data={**form, "typed": door.name})
        assert (late.status_code, "What helps" in late.text) == (409, True)
