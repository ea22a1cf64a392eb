"""A client, workers and a world for drills, restore tests, readiness reports and evacuations."""

import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest_asyncio
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities import proving
from activities.recording import Archive
from activities.reporting import Reporter
from activities.temporal import Temporal
from runbooks.models import Runbook
from runbooks.runs import Trigger
from tests.workflows.composite_world import Systems
from tests.workflows.fake_runs import RUNS
from tests.workflows.sandbox import ValidatedOnce
from tests.workflows.world import runbook
from worker.settings import Settings
from workflows.drill import Drill
from workflows.evacuate import Evacuate
from workflows.readiness import Readiness
from workflows.restore_test import RestoreTest
from workflows.scheduled import Scheduled
from workflows.search_attributes import ALL

VANTAGES = ("us-east-1", "eu-west-1", "witness")
StateT = TypeVar("StateT")


@dataclass
class Composites:
    """One test's runbook, worker and world."""

    client: Client
    settings: Settings
    systems: Systems
    name: str
    env: Any = None
    """The environment that skips time, or None."""

    async def ended(self, handle: WorkflowHandle[Any, StateT]) -> StateT:
        """The result, without the time in which nothing happens where the server can skip that."""
        if self.env is None:
            return await handle.result()
        async with self.env.time_skipping_unlocked():
            return await handle.result()

    def book(self, **changes: Any) -> Runbook:
        """The runbook of this test: its name is no other test's."""
        changes.setdefault("name", self.name)
        return runbook(**changes)


def trigger() -> Trigger:
    """Ann asks for it."""
    return Trigger(id=str(uuid.uuid4()), kind="person", by="ann", at=0.0)


async def until(handle: WorkflowHandle[Any, StateT], kind: type[StateT], wanted: Callable[[StateT], bool]) -> StateT:
    """The state as soon as it is as wanted."""
    while True:
        state: StateT = await handle.query("state", result_type=kind)
        if wanted(state):
            return state


@asynccontextmanager
async def staged(client: Client, home: Path, env: Any = None, queue: str = "") -> AsyncIterator[Composites]:
    """The workers with the real workflows, the real records, and runs that do as told."""
    systems, settings = Systems(), Settings(home=home, task_queue=queue or f"evac-{uuid.uuid4()}")
    reporter, temporal = Reporter(client, Archive(settings.records)), Temporal(client)
    asked = [reporter.report, reporter.past, temporal.going, temporal.follow, temporal.pollers, proving.secrets]
    main = Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[*RUNS, Drill, RestoreTest, Readiness, Evacuate, Scheduled],
        workflow_runner=ValidatedOnce(),
        activities=[*systems.activities(), *asked],
        max_cached_workflows=1000 if env is None else 0,  # with nothing kept, a query may cost a run ten seconds
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(main)
        for vantage in VANTAGES:
            queue, work = settings.vantage_queue(vantage), [*systems.vantage(), proving.secrets]
            await stack.enter_async_context(Worker(client, task_queue=queue, activities=work))
        yield Composites(client, settings, systems, f"llm-{uuid.uuid4().hex[:12]}", env)


@pytest_asyncio.fixture
async def composites(server: str, tmp_path: Path) -> AsyncIterator[Composites]:
    """On a real server, in real time."""
    client = await Client.connect(server, data_converter=pydantic_data_converter)
    async with staged(client, tmp_path) as stage:
        yield stage


@pytest_asyncio.fixture
async def hurried(tmp_path: Path) -> AsyncIterator[Composites]:
    """On a server that skips the time in which nothing happens, while a result is awaited."""
    program = str(Path(sys.executable).parent / "temporal-test-server")
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=program,
        test_server_startup_timeout=timedelta(seconds=30),
        data_converter=pydantic_data_converter,
    ) as env:
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        await env.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace="default", search_attributes=dict.fromkeys((key.name for key in ALL), keyword)
            )
        )
        async with staged(env.client, tmp_path, env) as stage:
            yield stage
