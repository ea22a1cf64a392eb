"""A lab with a Temporal server of its own, a worker that is started again when it dies, and a watch for two writers."""

import asyncio
import os
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from lab.look import status
from lab.manager import running
from lab.status import LabStatus
from lab.stores import stores
from lab.topology import APP, Lab, LabSpec
from runbooks.load import load
from runbooks.runs import Decision, DecisionKind, Phase, RunInput, RunState, Trigger
from tests.lab import started
from triggers.start import start_run
from worker.connect import connect
from worker.server import EmbeddedServer
from worker.settings import Settings

SOURCE, TARGET = "us-east-1", "eu-west-1"
ROOT = Path(__file__).parents[2]
EVAC = str(Path(sys.executable).parent / "evac")


@dataclass
class Writers:
    """Tries to write to both databases as the application does, all the time; keeps when each accepted a row."""

    lab: Lab
    accepted: dict[str, list[float]] = field(default_factory=lambda: {SOURCE: [], TARGET: []})
    _over: bool = False
    """A cancellation alone may be lost: in `asyncio.wait_for` of Python 3.11, and as an error of psycopg."""

    @asynccontextmanager
    async def watching(self) -> AsyncIterator["Writers"]:
        """Try for as long as the block lasts."""
        tasks = [asyncio.create_task(self._try(region)) for region in self.accepted]
        try:
            yield self
        finally:
            self._over = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _try(self, region: str) -> None:
        number = 0
        while not self._over:
            number += 1
            began = time.time()
            with suppress(psycopg.Error, TimeoutError):
                async with asyncio.timeout(1):
                    await self._write(region, number)
                self.accepted[region].append(began)
            await asyncio.sleep(0.05)

    async def _write(self, region: str, number: int) -> None:
        async with await psycopg.AsyncConnection.connect(self.lab.dsn(region, APP), autocommit=True) as connection:
            await connection.execute(
                "INSERT INTO rows (client, n, region) VALUES (%s, %s, %s)", (f"writers-{region}", number, region)
            )

    def overlap(self) -> float:
        """Seconds in which the old primary still took a row after the new one had taken its first."""
        if not self.accepted[TARGET] or not self.accepted[SOURCE]:
            return 0.0
        return max(0.0, self.accepted[SOURCE][-1] - self.accepted[TARGET][0])


@dataclass
class Scene:
    """A lab, its Temporal, and the worker that may die."""

    lab: Lab
    settings: Settings
    client: Client
    _worker: subprocess.Popen[bytes] | None = None

    async def start(self, **changes: Any) -> WorkflowHandle[Any, RunState]:
        """Ask for a failover out of the source, on a person's word.

        Nobody saw when the source failed, so how much is lost cannot be bounded: that is accepted by name.
        """
        read = load(self.lab.runbook)
        request = RunInput.model_validate(
            {
                "runbook": read.runbook,
                "text": read.text,
                "source": SOURCE,
                "force": True,
                "accept": tuple(f"loss:{store}" for store in stores(self.lab)),
                "trigger": Trigger(id=uuid.uuid4().hex, kind="person", by="ann", at=time.time(), source=SOURCE),
                **changes,
            }
        )
        return (await start_run(self.client, self.settings, request)).handle

    def hire(self, argv: Sequence[str] = (EVAC, "worker")) -> None:
        """Start a worker."""
        env = {**os.environ, "EVAC_HOME": str(self.settings.home)}
        with (self.settings.home / "worker.log").open("ab") as log:
            self._worker = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=log, stderr=log)

    def kill(self) -> None:
        """SIGKILL the worker."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait()
            self._worker = None

    @asynccontextmanager
    async def patient_person(self, handle: WorkflowHandle[Any, RunState]) -> AsyncIterator[None]:
        """Somebody who says `retry` whenever the run waits: a slow machine may use the tries up."""
        over = asyncio.Event()
        task = asyncio.create_task(_say_retry(handle, over))
        try:
            yield
        finally:
            over.set()  # a call that is cancelled ends as an RPCError like any other
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def end(self, handle: WorkflowHandle[Any, RunState], within: float) -> RunState:
        """How the run ended; a run that does not end in `within` seconds is a failure that says where it stands."""
        try:
            async with asyncio.timeout(within):
                return await handle.result()
        except TimeoutError:
            pytest.fail(f"no end in {within:.0f} s\n{await self._standing(handle)}")

    async def _standing(self, handle: WorkflowHandle[Any, RunState]) -> str:
        """Everything that tells why a run stands still."""
        pending = (await handle.describe()).raw_description.pending_activities
        told: list[object] = [*pending, f"worker: {self._worker and self._worker.poll()}"]
        told += [
            f"{event.event_id} {event.event_time.ToJsonString()} {EventType.Name(event.event_type)}"
            async for event in handle.fetch_history_events()
        ]
        try:
            state = await handle.query("state", result_type=RunState, rpc_timeout=timedelta(seconds=10))
            told += [state.phase, state.message, *state.steps, *state.events]
        except (RPCError, WorkflowQueryFailedError) as error:
            told.append(f"the state does not answer: {error!r}")
        return "\n".join([*map(str, told), self.log()[-20_000:]])

    def log(self) -> str:
        """What the workers said."""
        return (self.settings.home / "worker.log").read_text()


async def _say_retry(handle: WorkflowHandle[Any, RunState], over: asyncio.Event) -> None:
    while not over.is_set():
        await asyncio.sleep(1)
        with suppress(RPCError, WorkflowQueryFailedError):
            state = await handle.query("state", result_type=RunState, rpc_timeout=timedelta(seconds=2))
            refused = state.phase == Phase.PLANNING and state.plan is not None and state.plan.standing()
            if state.phase == Phase.WAITING_FOR_PERSON or refused:
                said = Decision(id=uuid.uuid4().hex, kind=DecisionKind.RETRY, by="bob", at=time.time())
                await handle.signal("decide", said)


@asynccontextmanager
async def scene(home: Path, **changes: Any) -> AsyncIterator[Scene]:
    """A lab without the language model (its service answers from the database), and Temporal beside it."""
    async with AsyncExitStack() as stack:
        lab = await stack.enter_async_context(running(LabSpec(home=home / "lab", model=False, **changes)))
        settings = Settings(home=home / "evac")
        await stack.enter_async_context(EmbeddedServer(settings))
        client = await connect(settings)
        found = Scene(lab, settings, client)
        stack.callback(found.kill)
        yield found


async def seen(stage: Scene) -> LabStatus:
    """The lab when all is over. On a machine that has much to do a look may be too late: it is taken again."""
    found: list[LabStatus] = []

    async def answers() -> bool:
        found.append(await status(stage.lab))
        target = next(region for region in found[-1].regions if region.name == TARGET)
        return target.database != "down"

    await started.until(answers, within=20)
    return found[-1]
