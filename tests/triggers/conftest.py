"""One real Temporal server for this folder; each test has a runbook, a task queue, workers and a world of its own."""

import asyncio
import json
import os
import shutil
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.gate import Gate
from activities.weighing import Weighing
from runbooks.models import Runbook
from runbooks.runs import RunState
from tests.nursery import evac
from tests.workflows.sandbox import ValidatedOnce
from tests.workflows.world import World, runbook
from triggers.names import run_id_of, watch_id_of
from workflows.alerts import Alerts
from workflows.failover import Failover
from workflows.kill_switch import KillSwitchRun
from workflows.lock import Lock
from workflows.search_attributes import ALL
from workflows.watch import Watch

PROGRAMS = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
"""The code under test is that of this tree, wherever Evac may be installed from."""
UNREACHABLE = "127.0.0.1:1"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal() -> AsyncIterator[str]:
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
class Ran:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Its answer, which must be exactly one JSON document."""
        found: dict[str, Any] = json.loads(self.out)
        assert found["evac"] == 1
        return found


@dataclass
class Door:
    """The command line in front of a world."""

    client: Client
    home: Path
    queue: str
    name: str
    world: World
    address: str
    stack: AsyncExitStack
    started: list[asyncio.subprocess.Process] = field(default_factory=list)

    def file(self, **changes: Any) -> str:
        """The runbook's file."""
        changes.setdefault("name", self.name)
        book: Runbook = runbook(**changes)
        path = self.home / f"{book.name}.yaml"
        path.write_text(json.dumps(book.model_dump(mode="json", exclude_unset=True)))
        return str(path)

    async def work(self) -> None:
        """Start the workers. They keep runs in memory, as real ones do.

        With nothing kept, the SDK drops a task now and then when a query comes at the same moment, and the
        run stands still for ten seconds.
        """
        gate = Gate(self.client)
        await self.stack.enter_async_context(
            Worker(
                self.client,
                task_queue=self.queue,
                workflows=[Failover, Watch, Alerts, KillSwitchRun, Lock],
                workflow_runner=ValidatedOnce(),
                activities=[
                    *self.world.activities(),
                    gate.gate,
                    gate.holder,
                    Weighing(gate, self.world.detector).weigh,
                ],
            )
        )
        for vantage in ("us-east-1", "eu-west-1", "witness"):
            post = Worker(self.client, task_queue=f"{self.queue}@{vantage}", activities=self.world.vantage(vantage))
            await self.stack.enter_async_context(post)

    def environment(self, **changes: str) -> dict[str, str]:
        """What the command sees of this test, and nothing of this machine."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "EVAC_HOME": str(self.home / "state"),
            "EVAC_TASK_QUEUE": self.queue,
            "EVAC_ACTOR": "ann",
            "TEMPORAL_ADDRESS": self.address,
            "HOME": str(self.home),
            "COLUMNS": "100",
            **changes,
        }

    command = str(PROGRAMS / "evac")
    """As it is installed; most tests run it from the nursery."""

    async def begin(self, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
        """Start `evac` and leave it running; it is ended with the test."""
        process = await asyncio.create_subprocess_exec(
            evac(),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment(**environment),
        )
        self.started.append(process)
        return process

    async def evac(self, *arguments: str, **environment: str) -> Ran:
        """Run `evac` to its end."""
        return await ended(await self.begin(*arguments, **environment))

    async def failover(self, *more: str, **changes: Any) -> Ran:
        """Start a failover of the runbook out of its source."""
        return await self.evac("failover", self.file(**changes), "--from", "us-east-1", "--yes", *more)

    async def state(self) -> RunState:
        """The run's state."""
        state: RunState = await self.client.get_workflow_handle(run_id_of(self.name)).query(
            "state", result_type=RunState, rpc_timeout=timedelta(seconds=2)
        )
        return state

    async def until(self, wanted: Callable[[RunState], bool]) -> RunState:
        """The run's state as soon as it is as wanted."""
        while True:
            with suppress(RPCError):  # a question may be lost when the run moves on at that moment: ask again
                state = await self.state()
                if wanted(state):
                    return state
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        """End what was started, and what goes on in Temporal."""
        for process in self.started:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
                await process.communicate()
        for workflow_id in (run_id_of(self.name), watch_id_of(self.name)):
            await end(self.client, workflow_id)
        await self.stack.aclose()
        shutil.rmtree(self.home, ignore_errors=True)  # a thread may still be writing there: it is a temporary place


async def ended(process: asyncio.subprocess.Process) -> Ran:
    """How a started command ended."""
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


async def end(client: Client, workflow_id: str) -> None:
    """Terminate what is going under that id."""
    async for execution in client.list_workflows(f"WorkflowId = '{workflow_id}' AND ExecutionStatus = 'Running'"):
        with suppress(RPCError):  # the listing lags behind: it may have ended
            await client.get_workflow_handle(execution.id, run_id=execution.run_id).terminate()


@pytest_asyncio.fixture
async def door(temporal: str, tmp_path: Path) -> AsyncIterator[Door]:
    """A command line, and the workers behind it."""
    async for made in _door(temporal, tmp_path):
        await made.work()
        yield made


@pytest_asyncio.fixture
async def lonely_door(temporal: str, tmp_path: Path) -> AsyncIterator[Door]:
    """A command line without any worker behind it."""
    async for made in _door(temporal, tmp_path):
        yield made


async def _door(address: str, home: Path) -> AsyncIterator[Door]:
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    unique = uuid.uuid4().hex[:12]
    made = Door(client, home / unique, f"evac-{unique}", f"llm-{unique}", World(), address, AsyncExitStack())
    made.home.mkdir()
    try:
        yield made
    finally:
        await made.close()
