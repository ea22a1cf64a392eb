"""Evac beside a lab: Temporal and the witness's worker outside the regions, and one vantage point in each region."""

import asyncio
import os
import time

from temporalio.client import Client

from lab.errors import LabError
from lab.processes import Processes
from lab.topology import OUTSIDE, VANTAGE, Lab
from lab.vantage import EVAC, start_vantage
from runbooks.load import load
from runbooks.watches import WatchInput, WatchState
from triggers import names
from triggers.start import start_watch
from worker.connect import CannotReachTemporalError, connect
from worker.settings import Settings

READY_WITHIN = 60.0
WORKER = VANTAGE


async def muster(lab: Lab, settings: Settings) -> Client:
    """Start the embedded server, the worker outside and the vantage points; they end with the lab, or their region."""
    settings.home.mkdir(parents=True, exist_ok=True)
    processes = Processes(lab)
    environment = {"EVAC_HOME": str(settings.home.absolute()), "EVAC_TASK_QUEUE": settings.task_queue}
    environment |= {name: "" for name in os.environ if name.startswith("TEMPORAL_")}
    settings.server_file.unlink(missing_ok=True)
    processes.spawn(OUTSIDE, WORKER, [EVAC, "worker", "--embedded"], env=environment)
    for region in lab.regions:
        start_vantage(lab, region, environment)
    return await _connected(lab, settings)


async def arm(client: Client, settings: Settings, lab: Lab) -> WatchState:
    """Arm the detector, and wait until every vantage point has seen every region."""
    read = load(lab.runbook)
    await start_watch(client, settings, WatchInput(runbook=read.runbook, text=read.text))
    handle = client.get_workflow_handle(names.watch_id_of(read.runbook.name), result_type=WatchState)
    wanted = len(read.runbook.vantages()) * len(read.runbook.regions)
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        state: WatchState = await handle.query(names.STATE, result_type=WatchState)
        if sum(verdict.state == "healthy" for verdict in state.verdicts) == wanted:
            return state
        await asyncio.sleep(0.1)
    seen = "; ".join(f"{v.vantage} sees {v.region} {v.state}: {v.reason}" for v in state.verdicts)
    message = f"the vantage points did not see a healthy lab within {READY_WITHIN:g} s ({seen})."
    raise LabError(message)


async def _connected(lab: Lab, settings: Settings) -> Client:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        if settings.server_file.exists():
            try:
                return await connect(settings)
            except CannotReachTemporalError:
                pass
        if Processes(lab).find(OUTSIDE, WORKER) is None or time.monotonic() > deadline:
            message = f"Evac's worker did not come up: {Processes(lab).log_tail(OUTSIDE, WORKER)}"
            raise LabError(message)
        await asyncio.sleep(0.05)
