"""A server's app over a real Temporal, reached without a port; what it handed over is read from Temporal's history."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from runbooks.alerts import Alert, AlertSignal
from tests.triggers.alerts.payloads import SAMPLES, TOKEN, Payload, Sample, wire
from tests.triggers.conftest import end
from tests.workflows.world import runbook
from triggers.names import alerts_id_of
from triggers.serve.app import House, build
from triggers.serve.load import loads
from worker.settings import Settings

RULES = [
    {"alert": "any", "match": {"region": "~us-east-?1"}, "from": "{region}", "regions": {"us-east1": "us-east-1"}},
    {"alert": "pagerduty", "match": {"service": "llm-platform"}, "from": "us-east-1"},
]


@dataclass
class Served:
    """A server with one runbook."""

    http: httpx.AsyncClient
    client: Client
    house: House
    name: str

    async def post(self, sample: Sample, payload: Payload | bytes, **headers: str) -> httpx.Response:
        """Send it as the source does."""
        sent = wire(sample, payload)
        return await self.send(sample.source, sent.body, {**sent.headers, **headers}, sent.query)

    async def send(
        self, source: str, body: Any, headers: dict[str, str] | None = None, query: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send that."""
        return await self.http.post(f"/alerts/{source}/prod", content=body, headers=headers, params=query or {})

    async def signals(self) -> list[AlertSignal]:
        """What Temporal has for the runbook, oldest first."""
        found: list[AlertSignal] = []
        try:
            async for event in self.client.get_workflow_handle(alerts_id_of(self.name)).fetch_history_events():
                if event.HasField("workflow_execution_signaled_event_attributes"):
                    payloads = event.workflow_execution_signaled_event_attributes.input.payloads
                    found += await self.client.data_converter.decode(payloads, [AlertSignal])
        except RPCError:
            return []
        return found

    async def alerts(self) -> list[Alert]:
        """All alerts in them."""
        return [alert for signal in await self.signals() for alert in signal.alerts]

    @property
    def dead(self) -> list[dict[str, Any]]:
        """Every dead letter, as it is on the disk."""
        files = sorted((self.house.settings.home / "dead-letters").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@dataclass(frozen=True)
class Site:
    """Where a server can be started."""

    address: str
    home: Path


async def serving(
    stack: AsyncExitStack, site: Site, endpoints: list[Payload], transport: Any = None, slack: Payload | None = None
) -> Served:
    """Start a server with these endpoints."""
    name = f"llm-{uuid.uuid4().hex[:12]}"
    book = runbook(name=name).model_dump(mode="json", exclude_unset=True)
    (site.home / "book.yaml").write_text(json.dumps({**book, "triggers": RULES}))
    more = {} if slack is None else {"slack": slack}
    text = json.dumps({"evac-serve": 1, "runbooks": ["book.yaml"], "alerts": endpoints, **more})
    house = House(
        loads(text, folder=site.home), Settings(home=site.home / "state", task_queue=f"nobody-{name}"), transport
    )
    app = build(house)
    await stack.enter_async_context(app.router.lifespan_context(app))
    await house.link.ready.wait()
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://evac")
    await stack.enter_async_context(http)
    client = await Client.connect(site.address, data_converter=pydantic_data_converter)
    stack.push_async_callback(end, client, alerts_id_of(name))
    return Served(http, client, house, name)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, temporal: str, tmp_path: Path) -> Site:
    """A place where the secrets that files refer to are there, and Temporal is reached."""
    monkeypatch.setenv("EVAC_TEST_TOKEN", TOKEN)
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal)
    return Site(temporal, tmp_path)


@pytest_asyncio.fixture
async def served(site: Site) -> AsyncIterator[Served]:
    """A server with an endpoint of every source that needs no certificate."""
    async with AsyncExitStack() as stack:
        yield await serving(stack, site, [sample.endpoint for sample in SAMPLES])
