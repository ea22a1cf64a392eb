"""A real local Temporal server, shared by this folder's tests; each test has a task queue of its own."""

import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Interceptor, Worker

from activities.announcing import Announcer
from activities.gate import Gate
from activities.weighing import Weighing
from runbooks.runs import Decision, DecisionKind, RunInput, RunState, Trigger
from tests.workflows import composite_stage
from tests.workflows.sandbox import ValidatedOnce
from tests.workflows.world import SOURCE, World, runbook
from worker.build import WORKFLOWS
from workflows.failover import Failover
from workflows.search_attributes import ALL

composites, hurried = composite_stage.composites, composite_stage.hurried
PROGRAMS = Path(sys.executable).parent


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server() -> AsyncIterator[str]:
    """The address of one server for the session."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(PROGRAMS / "temporal"),
        dev_server_startup_timeout=timedelta(seconds=30),
        search_attributes=ALL,
        data_converter=pydantic_data_converter,
        dev_server_extra_args=["--dynamic-config-value", "history.transferProcessorMaxPollRPS=5000"],
    ) as env:
        yield env.client.service_client.config.target_host


@dataclass
class Stage:
    """A client and a running worker with a world behind it."""

    client: Client
    queue: str
    world: World

    async def start(self, **changes: Any) -> "WorkflowHandle[Failover, RunState]":
        """Start a failover out of the source."""
        changes.setdefault("runbook", runbook())
        request = RunInput.model_validate(
            {
                "source": SOURCE,
                "trigger": Trigger(id=str(uuid.uuid4()), kind="person", by="ann", at=0.0),
                **changes,
            }
        )
        return await self.client.start_workflow(
            request.procedure.value,
            request,
            id=f"evac/{request.runbook.name}/{self.queue}",
            task_queue=self.queue,
            result_type=RunState,
        )


@pytest_asyncio.fixture
async def stage(server: str) -> AsyncIterator[Stage]:
    """A world, and the workers that run procedures in it."""
    client = await Client.connect(server, data_converter=pydantic_data_converter)
    world, queue = World(), f"evac-{uuid.uuid4()}"
    async with AsyncExitStack() as stack:
        for worker in workers(client, queue, world):
            await stack.enter_async_context(worker)
        yield Stage(client, queue, world)


def workers(client: Client, queue: str, world: World, interceptors: Sequence[Interceptor] = ()) -> list[Worker]:
    """The procedure worker and three vantage points."""
    gate = Gate(client)
    main = Worker(
        client,
        task_queue=queue,
        workflows=WORKFLOWS,
        workflow_runner=ValidatedOnce(),
        activities=[
            *world.activities(),
            gate.gate,
            gate.holder,
            Weighing(gate, world.detector).weigh,
            Announcer(client, every=0.2).announce,
        ],
        interceptors=interceptors,
        max_cached_workflows=0,
    )
    posts = [
        Worker(client, task_queue=f"{queue}@{vantage}", activities=world.vantage(vantage))
        for vantage in ("us-east-1", "eu-west-1", "witness")
    ]
    return [main, *posts]


def say(kind: DecisionKind, by: str = "bob", **more: str) -> Decision:
    """A decision with an id of its own."""
    return Decision.model_validate({"id": str(uuid.uuid4()), "kind": kind, "by": by, "at": 0.0, **more})
