"""Lanes: each is a Temporal server that skips time, with workers of its own, and plays one run after another.

A server's time stands still while anything runs in it, and is skipped when nothing does: a timeout costs nothing.
One server for many lanes would skip only when none of them has work to do.
"""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import cache
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
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowInstance, WorkflowInstanceDetails

from tests.checker.show import Show
from workflows.drill import Drill
from workflows.failback import Failback
from workflows.failover import Failover
from workflows.rehearsal import Rehearsal
from workflows.search_attributes import ALL
from workflows.switchover import Switchover

PROGRAMS = Path(sys.executable).parent
WORKFLOWS = (Failover, Switchover, Failback, Drill, Rehearsal)
VANTAGES = ("us-east-1", "eu-west-1", "ap-south-1", "ap-southeast-1", "witness")
_FAREWELL = 15.0
_MOMENT, _AT_ONCE, _LEAP = 0.1, 0.5, 5.0
_BREATH, _AT_WORK = 0.02, 5.0
"""Real seconds: between two steps of one workflow's task at most, and that one task may take."""
_NEVER = timedelta(seconds=6)
"""Real seconds after which a sleep that has not ended will not end: the server has lost count of its locks."""


@cache
def _quiet() -> Runtime:
    """What the workers of a checker have to say is known: it kills them, and fails what they do."""
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter="off")))


class _Watched(UnsandboxedWorkflowRunner):
    """Runs workflows as they are, and knows when it last was at it."""

    def __init__(self) -> None:
        self._going: set[object] = set()
        """A token for each task: the threads of several tasks add and take away theirs at once."""
        self._ended = 0.0

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """As Temporal asks, when a run comes to this worker."""
        instance = super().create_instance(det)
        activate = instance.activate

        def watched(act: Any) -> Any:
            token = object()
            self._going.add(token)
            try:
                return activate(act)
            finally:
                self._ended = time.monotonic()
                self._going.discard(token)

        instance.activate = watched
        return instance

    def ran_since(self, moment: float) -> bool:
        """A workflow was carried on, or is just now, after that moment of the monotonic clock, which is a loop's."""
        return bool(self._going) or self._ended > moment

    async def rest(self) -> None:
        """Wait until it is at no workflow: this server takes a timer that is cancelled as it fires for a mistake."""
        deadline = time.monotonic() + _AT_WORK
        while self.ran_since(time.monotonic() - _BREATH) and time.monotonic() < deadline:
            await asyncio.sleep(_BREATH / 2)


class Lane:
    """A server, its task queue and the workers; one run at a time. Each lane has a clock of its own."""

    client: Client

    def __init__(self, name: str, *, forgetful: bool = False) -> None:
        self.queue = name
        self.forgetful = forgetful
        """Its worker keeps no workflow in memory: each task replays the run from its start. Only such a one may die,
        since this server never gives up the queue of a worker that is gone."""
        self.show: Show | None = None
        self.deaths = 0
        self.tampered = False
        self.pause: asyncio.Task[None] | None = None
        """The server's time that this lane lets pass just now."""
        self.pause_needed = 0.6 if forgetful else 0.15
        self.runner = _Watched()
        self._worker: Worker | None = None
        self._running: asyncio.Task[None] | None = None
        self._dying = False
        self._asleep: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    async def begin(self) -> None:
        """Start the server and the workers."""
        self.tampered = False
        env = await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=str(PROGRAMS / "temporal-test-server"),
            test_server_startup_timeout=timedelta(seconds=60),
            runtime=_quiet(),
        )
        await self._stack.enter_async_context(env)
        # The environment's own client unlocks the time while it waits for a result. Here the server's first lock is
        # held for good, and let go of only in a sleep: or an idle server's clock would leap to the next year.
        self.client = await Client.connect(
            env.client.service_client.config.target_host, data_converter=pydantic_data_converter, runtime=_quiet()
        )
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        wanted = AddSearchAttributesRequest(namespace="default", search_attributes={a.name: keyword for a in ALL})
        await self.client.operator_service.add_search_attributes(wanted)
        for vantage in VANTAGES:
            await self._stack.enter_async_context(self._post(vantage))
        self._open()
        self._stack.push_async_callback(self._close)

    async def end(self) -> None:
        """Stop them."""
        sleeping = [*self._asleep, *([self.pause] if self.pause is not None else [])]
        for task in sleeping:
            task.cancel()
        await asyncio.gather(*sleeping, return_exceptions=True)
        self.pause = None
        stack, self._stack = self._stack, AsyncExitStack()
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await stack.aclose()

    async def sleep(self, seconds: float) -> None:
        """Let the server's time pass while the caller's own activity would hold it."""
        request = SleepRequest(duration=Duration())
        request.duration.FromTimedelta(timedelta(seconds=seconds))
        await self.client.test_service.unlock_time_skipping_with_sleep(request, timeout=_NEVER)

    async def settle(self) -> None:
        """Between two runs: the server keeps its time locked for what was still going on when a run ended.

        Nothing runs now, so a sleep that does not end at once waits for such a lock, which is taken away; and time
        that passes by itself wants one back.
        """
        while True:
            if self.pause is None or self.pause.done():
                self.pause = asyncio.create_task(self.sleep(_MOMENT))
            done, _ = await asyncio.wait({self.pause}, timeout=_AT_ONCE)
            if done:
                await self.pause
                break
            await self.unlock()
        before = await server_time(self.client)
        while (now := await server_time(self.client)) - before > _LEAP:
            await self.client.test_service.lock_time_skipping(LockTimeSkippingRequest())
            before = now

    async def unlock(self) -> None:
        """Take away a lock of the server's time that it has forgotten itself (of an activity that was cancelled)."""
        self.tampered = True
        await self.client.test_service.unlock_time_skipping(UnlockTimeSkippingRequest())

    async def crash(self) -> None:
        """The worker dies: nothing that it was doing is reported, and its cache is gone."""
        await self._close()
        self.deaths += 1
        self._open()

    def _open(self) -> None:
        """Start the worker."""
        self._worker = Worker(
            self.client,
            task_queue=self.queue,
            workflows=WORKFLOWS,
            activities=[self._activity()],
            workflow_runner=self.runner,
            graceful_shutdown_timeout=timedelta(0),
            max_cached_workflows=0 if self.forgetful else 100,
            max_concurrent_workflow_task_polls=1 if self.forgetful else 2,
            max_concurrent_activity_task_polls=2,
        )
        self._running = asyncio.create_task(self._worker.run())

    async def _close(self) -> None:
        """End the worker as a kill does."""
        assert self._worker is not None
        assert self._running is not None
        self._dying = True
        await self._worker.shutdown()
        await self._running
        self._dying = False

    def _post(self, vantage: str) -> Worker:
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
            if info.workflow_id.split("/")[1] != self.show.book.name:
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
async def lanes(count: int, forgetful: int = 0) -> AsyncIterator[list[Lane]]:
    """That many lanes, and those whose workers may die."""
    made = [Lane(f"lane-{n}", forgetful=n >= count) for n in range(count + forgetful)]
    async with AsyncExitStack() as stack:
        for lane in made:
            await lane.begin()
            stack.push_async_callback(lane.end)
        yield made


async def server_time(client: Client) -> float:
    """What the server's clock shows."""
    return (await client.test_service.get_current_time(Empty())).time.ToMicroseconds() / 1e6
