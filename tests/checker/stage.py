"""A Temporal server that skips time, and lanes in it: each plays one run after another with workers of its own.

The server's time stands still while anything runs, in any lane, and is skipped when nothing does: a timeout costs nothing.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.empty_pb2 import Empty
from temporalio import activity
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.testservice.v1 import LockTimeSkippingRequest, SleepRequest, UnlockTimeSkippingRequest
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.checker.show import Show
from workflows.failback import Failback
from workflows.failover import Failover
from workflows.search_attributes import ALL
from workflows.switchover import Switchover

PROGRAMS = Path(sys.executable).parent
WORKFLOWS: dict[str, Any] = {"failover": Failover, "switchover": Switchover, "failback": Failback}
VANTAGES = ("us-east-1", "eu-west-1", "ap-south-1", "ap-southeast-1", "witness")
_QUIET = Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter="off")))


class Lane:
    """A task queue and its workers; one run at a time."""

    def __init__(self, client: Client, name: str) -> None:
        self.client = client
        self.queue = name
        self.show: Show | None = None
        self.deaths = 0
        self._worker: Worker | None = None
        self._running: asyncio.Task[None] | None = None
        self._dying = False
        self._asleep: set[asyncio.Task[None]] = set()
        self.pause: asyncio.Task[None] | None = None
        """The server's time that this lane lets pass just now."""

    async def sleep(self, seconds: float) -> None:
        """Let the server's time pass while the caller's own activity would hold it."""
        request = SleepRequest(duration=Duration())
        request.duration.FromTimedelta(timedelta(seconds=seconds))
        await self.client.test_service.unlock_time_skipping_with_sleep(request)

    async def retire(self) -> None:
        """Nothing is played here any more: it holds nobody's time up."""
        if self.pause is not None:
            await self.pause
        await self.client.test_service.unlock_time_skipping(UnlockTimeSkippingRequest())

    async def crash(self) -> None:
        """The worker dies: nothing that it was doing is reported, and its cache is gone."""
        await self.close()
        self.deaths += 1
        self.open()

    def open(self) -> None:
        """Start the worker."""
        self._worker = Worker(
            self.client,
            task_queue=self.queue,
            workflows=list(WORKFLOWS.values()),
            activities=[self._activity()],
            workflow_runner=UnsandboxedWorkflowRunner(),
            graceful_shutdown_timeout=timedelta(0),
            sticky_queue_schedule_to_start_timeout=timedelta(milliseconds=200),
            max_concurrent_workflow_task_polls=2,
            max_concurrent_activity_task_polls=2,
        )
        self._running = asyncio.create_task(self._worker.run())

    async def close(self) -> None:
        """End the worker as a kill does."""
        assert self._worker is not None
        assert self._running is not None
        self._dying = True
        await self._worker.shutdown()
        await self._running
        self._dying = False

    def post(self, vantage: str) -> Worker:
        """The worker of one vantage point."""
        return Worker(
            self.client,
            task_queue=f"{self.queue}@{vantage}",
            activities=[self._activity()],
            graceful_shutdown_timeout=timedelta(0),
            max_concurrent_activity_task_polls=1,
        )

    def _activity(self) -> Any:
        @activity.defn(dynamic=True)
        async def anything(arguments: Sequence[RawValue]) -> Any:
            assert self.show is not None
            info = activity.info()
            if self.show.handle is None or info.workflow_id != self.show.handle.id:
                activity.raise_complete_async()  # a run that was given up
            try:
                return await self.show.perform(self.queue, arguments)
            except asyncio.CancelledError:
                if not self._dying:
                    raise
                limit = info.heartbeat_timeout or info.start_to_close_timeout or timedelta(0)
                task = asyncio.create_task(self.sleep(limit.total_seconds() + 0.05))
                self._asleep.add(task)
                task.add_done_callback(self._asleep.discard)
                activity.raise_complete_async()

        return anything


@asynccontextmanager
async def lanes(count: int) -> AsyncIterator[list[Lane]]:
    """That many lanes in one server."""
    async with AsyncExitStack() as stack:
        env = await stack.enter_async_context(
            await WorkflowEnvironment.start_time_skipping(
                test_server_existing_path=str(PROGRAMS / "temporal-test-server"),
                test_server_startup_timeout=timedelta(seconds=60),
                runtime=_QUIET,
            )
        )
        # The environment's own client locks and unlocks time around each result: with many at once it loses count.
        target = env.client.service_client.config.target_host
        client = await Client.connect(target, data_converter=pydantic_data_converter, runtime=_QUIET)
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        wanted = AddSearchAttributesRequest(namespace="default", search_attributes={a.name: keyword for a in ALL})
        await client.operator_service.add_search_attributes(wanted)
        # The server begins with one lock on its time. Each lane holds one, and lets go of it only while it sleeps.
        for _ in range(count - 1):
            await client.test_service.lock_time_skipping(LockTimeSkippingRequest())
        made = [Lane(client, f"lane-{n}") for n in range(count)]
        for lane in made:
            for vantage in VANTAGES:
                await stack.enter_async_context(lane.post(vantage))
            lane.open()
            stack.push_async_callback(lane.close)
        yield made


async def server_time(client: Client) -> float:
    """What the server's clock shows."""
    return (await client.test_service.get_current_time(Empty())).time.ToMicroseconds() / 1e6
