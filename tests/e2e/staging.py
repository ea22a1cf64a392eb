"""Evac around a lab: workers, a detector that only reports, and `evac serve` as a process of its own."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from lab.crew import muster
from lab.topology import Lab
from runbooks.load import LoadedRunbook
from runbooks.watches import WatchInput, WatchState
from tests.e2e.prometheus import program
from tests.lab.started import until
from tests.nursery import evac
from triggers import names
from triggers.start import start_watch
from worker.settings import Settings


async def seen(handle: WorkflowHandle[Any, Any], kind: type[Any], enough: Callable[[Any], bool]) -> Any:
    """The state of a workflow, which need not be there yet, as soon as it is enough."""
    deadline, state = time.monotonic() + 60, None
    while time.monotonic() < deadline:
        try:
            state = await handle.query(names.STATE, result_type=kind)
        except RPCError:
            await asyncio.sleep(0.1)
            continue
        if enough(state):
            return state
        await asyncio.sleep(0.1)
    pytest.fail(f"it did not come so far: {state and [event.text for event in state.events]}")


async def at_work(lab: Lab, settings: Settings, read: LoadedRunbook) -> Client:
    """Evac, with a detector that only reports: it remembers how far the standby was, and starts nothing."""
    client = await muster(lab, settings)
    await start_watch(client, settings, WatchInput(runbook=read.runbook, text=read.text, start_failover=False))
    watch = client.get_workflow_handle(names.watch_id_of(read.runbook.name))
    wanted = len(read.runbook.vantages()) * len(read.runbook.regions)
    await seen(watch, WatchState, lambda s: sum(verdict.state == "healthy" for verdict in s.verdicts) == wanted)
    return client


@asynccontextmanager
async def served(home: Path, settings: Settings, config: str, port: int) -> AsyncIterator[None]:
    """`evac serve` with that file, from when it can hand over what it is told."""
    (home / "evac-serve.yaml").write_text(config)
    env = {**os.environ, "EVAC_HOME": str(settings.home)}
    with program([evac(), "serve", "--config", str(home / "evac-serve.yaml")], home / "serve.log", env):
        await until(lambda: _works(port), within=60)
        yield


async def _works(port: int) -> bool:
    """It listens, and has reached Temporal."""
    async with httpx.AsyncClient() as http:
        try:
            return (await http.get(f"http://127.0.0.1:{port}/healthz", timeout=10)).is_success
        except httpx.TransportError:
            return False
