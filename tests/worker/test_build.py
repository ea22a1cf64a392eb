"""The workers as they are built: the detector through real probes, real vetoes and a real server."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from aiohttp import web
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from runbooks.models import Runbook
from runbooks.watches import WatchInput
from tests.activities.web import answering
from tests.workflows.test_watch import Handle, saw, until
from tests.workflows.world import SOURCE, TARGET
from worker.build import procedure_worker, vantage_worker
from worker.identity import release
from worker.settings import Settings
from workflows.search_attributes import ALL
from workflows.watch import Watch

VANTAGES = (SOURCE, TARGET, "witness")


@dataclass
class Site:
    """Two regions behind one web server: `/REGION/healthz`, and whether a rollout is going on at `/ci`."""

    client: Client
    queue: str
    url: str = ""
    dead: set[str] = field(default_factory=set)
    deploying: bool = False

    async def answer(self, request: web.Request) -> web.Response:
        """503 for a dead region."""
        what = request.path.split("/")[1]
        ill = what in self.dead or (what == "ci" and not self.deploying)
        return web.json_response({"desired": 1, "ready": 1}, status=503 if ill else 200)

    def runbook(self, name: str) -> Runbook:
        """One service in two regions."""
        regions = {SOURCE: {"role": "active", "traffic": 100}, TARGET: {"role": "standby", "traffic": 0}}
        service = {
            "kind": "process",
            "replicas": dict.fromkeys(regions, 1),
            "settings": {region: {"agent": f"{self.url}/{region}"} for region in regions},
        }
        return Runbook.model_validate(
            {
                "evac": 1,
                "name": name,
                "objectives": {"rto": "60s", "rpo": "5s"},
                "regions": regions,
                "resources": {"service": service},
                "checks": [{"kind": "http", "name": "health", "url": f"{self.url}/{{region}}/healthz"}],
                "detect": {
                    "interval": "50ms",
                    "failures": 2,
                    "successes": 3,
                    "deploying": {"kind": "http", "url": f"{self.url}/ci"},
                },
            }
        )

    async def armed(self, name: str) -> Handle:
        """The runbook's detector, as soon as every vantage point sees everything well."""
        watched = WatchInput(runbook=self.runbook(name))
        handle = await self.client.start_workflow(Watch.run, watched, id=f"evac/{name}/watch", task_queue=self.queue)
        await until(handle, lambda s: len(saw(s, SOURCE, "healthy")) == len(saw(s, TARGET, "healthy")) == 3)
        return handle


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A server, all workers, and the regions."""
    async with AsyncExitStack() as stack:
        env = await stack.enter_async_context(
            await WorkflowEnvironment.start_local(
                dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
                dev_server_startup_timeout=timedelta(seconds=30),
                search_attributes=ALL,
                data_converter=pydantic_data_converter,
            )
        )
        settings = Settings(home=tmp_path)
        made = Site(env.client, settings.task_queue)
        made.url = await stack.enter_async_context(answering(made.answer))
        for vantage in VANTAGES:
            await stack.enter_async_context(vantage_worker(env.client, settings, vantage))
        await stack.enter_async_context(procedure_worker(env.client, settings))
        yield made


async def test_a_dead_region_starts_a_failover(site: Site) -> None:
    """Seen by real probes from every vantage point; nothing stands against it."""
    handle = await site.armed("one")
    site.dead = {SOURCE}
    state = await until(handle, lambda s: bool(s.run))
    (started,) = (decision for decision in state.decisions if decision.action == "started")
    assert started.seen_by == (TARGET, "witness")
    assert "HTTP 503, not 200" in started.reasons[0]


async def test_failure_15_what_fails_everywhere_starts_nothing(site: Site) -> None:
    """The same check fails in both regions: it is named, and the region that comes back makes the other's fault one."""
    handle = await site.armed("two")
    site.dead = {SOURCE, TARGET}
    state = await until(handle, lambda s: any(d.region == SOURCE and "same-symptom" in d.vetoes for d in s.decisions))
    sentences = " ".join(reason for decision in state.decisions for reason in decision.reasons)
    assert f"the same fails in {TARGET} (health)" in sentences
    assert state.run == ""
    site.dead = {SOURCE}
    await until(handle, lambda s: bool(s.run))


async def test_a_deployment_in_progress_is_asked_about(site: Site) -> None:
    """At the moment of decision, over the network."""
    site.deploying = True
    handle = await site.armed("three")
    site.dead = {SOURCE}
    state = await until(handle, lambda s: any("deploy" in d.vetoes for d in s.decisions))
    assert state.run == ""


async def test_the_history_says_which_release_did_it(site: Site) -> None:
    """Each task of a workflow is kept with the release of the worker that did it."""
    handle = await site.armed("four")
    history = await handle.fetch_history()
    tasks = [event.workflow_task_completed_event_attributes for event in history.events]
    assert {f"evac-{release()}"} == {task.worker_version.build_id for task in tasks if task.worker_version.build_id}
