"""A storm of alerts against `evac serve` as a process of its own, and a Temporal that goes away meanwhile.

sent:  the same alert again and again, many others of the region, some of no concern, some forged, some broken
owed:  each is answered in the end; every alert that concerns the runbook is heard once; there is one run
"""

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from lab.freezing import freeze, thaw
from runbooks.alerts import AlertsState
from tests.nursery import evac
from tests.triggers.alerts.payloads import ALERTMANAGER, TOKEN, changed
from tests.workflows.conftest import workers
from tests.workflows.world import World, runbook
from worker.server import EmbeddedServer
from worker.settings import Settings

ROOT = Path(__file__).parents[3]
NAME = "llm"
RULE = {"alert": "alertmanager", "match": {"alertname": "RegionDown"}, "from": "{labels.region}"}
_ITEM = ALERTMANAGER["alerts"][0]
_AT_ONCE = 64
_AGAIN = 0.25


@dataclass(frozen=True)
class Sent:
    """One request, and the status that it must get in the end."""

    body: bytes
    status: int = 202
    key: str = ""
    """Of the alert, where it concerns the runbook."""
    token: str = TOKEN


@dataclass
class Tally:
    """How the storm went."""

    seconds: float = 0.0
    answered: Counter[int] = field(default_factory=Counter)
    wrong: list[tuple[int, int]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """Seconds that each answer took, also those that said `come again`."""

    def percentile(self, share: float) -> float:
        """Of the waits, in seconds."""
        return sorted(self.waits)[int(share * (len(self.waits) - 1))]


def storm(count: int) -> list[Sent]:
    """A mix, the same each time."""
    return [_sent(number) for number in range(count)]


def _sent(number: int) -> Sent:
    kind = number % 20
    if kind == 17:
        return Sent(_body("of-no-concern", alertname="DiskFull"))
    if kind == 18:
        return Sent(_body("forged"), 401, token="wrong")
    if kind == 19:
        return Sent(_body("broken")[:-9], 422)
    return concerned(f"k{number}" if kind < 3 else "the-one")


def concerned(key: str) -> Sent:
    """One that concerns the runbook."""
    return Sent(_body(key), key=key)


def _body(key: str, **labels: str) -> bytes:
    item = {**_ITEM, "fingerprint": key, "labels": {**_ITEM["labels"], **labels}}
    return json.dumps(changed(ALERTMANAGER, "alerts", to=[item])).encode()


@dataclass
class Weather:
    """Temporal, its workers, and `evac serve`."""

    settings: Settings
    server: EmbeddedServer
    client: Client
    url: str

    async def blow(self, sent: list[Sent], at_once: int = _AT_ONCE) -> Tally:
        """Send all of it, each again until it is answered otherwise than by `come again`."""
        tally, left = Tally(), iter(sent)
        begun = time.perf_counter()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as session:
            await asyncio.gather(*(self._send_all(session, left, tally) for _ in range(at_once)))
        tally.seconds = time.perf_counter() - begun
        return tally

    async def _send_all(self, session: aiohttp.ClientSession, left: Iterator[Sent], tally: Tally) -> None:
        for one in left:  # shared by all senders
            status = 503
            while status == 503:
                status = await self._send(session, one, tally)
                if status == 503:
                    await asyncio.sleep(_AGAIN)
            if status != one.status:
                tally.wrong.append((status, one.status))

    async def _send(self, session: aiohttp.ClientSession, one: Sent, tally: Tally) -> int:
        begun = time.perf_counter()
        headers = {"Authorization": f"Bearer {one.token}"}
        async with session.post(self.url, data=one.body, headers=headers) as answer:
            await answer.read()
        tally.waits.append(time.perf_counter() - begun)
        tally.answered[answer.status] += 1
        return answer.status

    async def outage(self, seconds: float) -> None:
        """Temporal is frozen for that long, then killed: its supervisor starts it again."""
        server = psutil.Process(self.server.where.pid)
        freeze([server])
        await asyncio.sleep(seconds)
        thaw([server])
        server.kill()

    async def heard(self, wanted: int) -> AlertsState:
        """What the workflow made of it, once it has heard so many."""
        handle = self.client.get_workflow_handle(f"evac/{NAME}/alerts", result_type=AlertsState)
        while True:
            state: AlertsState = await handle.query("state", result_type=AlertsState)
            if state.counted >= wanted and state.run:
                return state
            await asyncio.sleep(0.1)

    async def runs(self) -> int:
        """How many runs of the runbook there ever were, as soon as the listing knows of any."""
        while True:
            found = [run async for run in self.client.list_workflows(f"WorkflowId = 'evac/{NAME}'")]
            if found:
                return len(found)
            await asyncio.sleep(0.1)


@asynccontextmanager
async def weather(home: Path) -> AsyncIterator[Weather]:
    """Everything up, in that folder."""
    settings = Settings(home=home / "state", task_queue="evac", profile=None)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(EmbeddedServer(settings))
        client = await Client.connect(server.where.address, data_converter=pydantic_data_converter)
        for worker in workers(client, settings.task_queue, World()):
            await stack.enter_async_context(worker)
        url = await stack.enter_async_context(served(home, settings, server.where.address))
        yield Weather(settings, server, client, url)


@asynccontextmanager
async def served(home: Path, settings: Settings, address: str) -> AsyncIterator[str]:
    """`evac serve`; where alerts are posted to."""
    book = runbook(name=NAME).model_dump(mode="json", exclude_unset=True)
    (home / "book.yaml").write_text(json.dumps({**book, "triggers": [RULE]}))
    endpoint = {"source": "alertmanager", "name": "prod", "auth": {"bearer": "env://EVAC_TEST_TOKEN"}}
    document = {"evac-serve": 1, "listen": "127.0.0.1:0", "runbooks": ["book.yaml"], "alerts": [endpoint]}
    (home / "evac-serve.yaml").write_text(json.dumps(document))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "EVAC_HOME": str(settings.home), "EVAC_TEST_TOKEN": TOKEN}
    process = await asyncio.create_subprocess_exec(
        *(evac(), "serve", "--config", str(home / "evac-serve.yaml")),
        stderr=asyncio.subprocess.PIPE,
        env={**environment, "TEMPORAL_ADDRESS": address},
    )
    assert process.stderr is not None
    reading = None
    try:
        while b"alerts of alertmanager at " not in (line := await process.stderr.readline()):
            assert line, "evac serve ended"
        reading = asyncio.create_task(process.stderr.read())
        yield line.decode().split()[-1]
    finally:
        process.terminate()
        assert await process.wait() == 0, await reading if reading else ""


async def blown(home: Path, count: int, away: float) -> tuple[Tally, AlertsState, int]:
    """A whole storm, with Temporal away in the midst of it: how it went, what was heard, how many runs there are."""
    sent = storm(count)
    async with weather(home) as around:
        first, rest = sent[: count // 4], sent[count // 4 :]
        before = await around.blow(first)
        after, _ = await asyncio.gather(around.blow(rest), around.outage(away))
        tally = Tally(
            before.seconds + after.seconds,
            before.answered + after.answered,
            before.wrong + after.wrong,
            before.waits + after.waits,
        )
        state = await around.heard(len({one.key for one in sent if one.key}))
        return tally, state, await around.runs()
