"""The only caller of `start_workflow`: every door (command line, detector, chat) starts, joins and steers runs here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from runbooks.plan import declared_checksum
from runbooks.runs import Decision, RunInput, RunState
from runbooks.watches import WatchInput, WatchState
from triggers import names
from triggers.describe import run_details, run_summary, watch_details, watch_summary
from triggers.errors import DifferentDetectorError, NoSuchRunError, RunEndedError
from worker.settings import Settings
from workflows.search_attributes import EVAC_PROCEDURE, EVAC_RUNBOOK, EVAC_SOURCE

RPC = timedelta(seconds=10)
"""Longest wait for one answer of Temporal; the SDK tries again within it."""

TASK = timedelta(seconds=5)
"""How long Temporal waits for a worker that took a run's next turn and died: the default, 10 s, is recovery time."""

_WATCHED = "EvacWatched"
"""The memo that names what a detector was armed with."""


@dataclass(frozen=True)
class Started:
    """A run that was started, or joined. `request` is what the run that goes on now was asked for."""

    handle: WorkflowHandle[Any, RunState]
    joined: bool
    request: RunInput


async def start_run(client: Client, settings: Settings, request: RunInput) -> Started:
    """Start the procedure asked for, or join the run that is going already.

    One call does both (signal-with-start), so two triggers at the same moment make one run. Who started
    it is read from the run's first event: the answer is exact and needs no worker. A planned run that is going gives
    way to a failover: it goes on as that.
    """
    asked = {"procedure": request.procedure, "source": request.source, "target": request.target}
    more = {"accept": request.accept, "force": request.force}
    trigger = request.trigger.model_copy(update={**asked, **more})
    request = request.model_copy(update={"trigger": trigger})
    started = await client.start_workflow(
        request.procedure.value,
        request,
        id=names.run_id_of(request.runbook.name),
        task_queue=settings.task_queue,
        result_type=RunState,
        start_signal=names.TRIGGER,
        start_signal_args=[request.trigger],
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        static_summary=run_summary(request),
        static_details=run_details(request),
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(EVAC_RUNBOOK, request.runbook.name),
                SearchAttributePair(EVAC_PROCEDURE, request.procedure.value),
                SearchAttributePair(EVAC_SOURCE, request.source),
            ]
        ),
        task_timeout=TASK,
        rpc_timeout=RPC,
    )
    handle = client.get_workflow_handle(started.id, run_id=started.result_run_id, result_type=RunState)
    running = await _request_of(client, handle)
    return Started(handle, joined=running.trigger.id != request.trigger.id, request=running)


async def _request_of(client: Client, handle: WorkflowHandle[Any, RunState]) -> RunInput:
    async for event in handle.fetch_history_events(page_size=1, rpc_timeout=RPC):
        payloads = event.workflow_execution_started_event_attributes.input.payloads
        request: RunInput = (await client.data_converter.decode(payloads, [RunInput]))[0]
        return request
    message = f"{handle.id} has an empty history"
    raise NoSuchRunError(message)


async def start_watch(client: Client, settings: Settings, request: WatchInput) -> bool:
    """Arm the runbook's detector; False when the very same one is armed already.

    Raises DifferentDetectorError when another text, or other options, are armed: they are never replaced silently.
    """
    name = request.runbook.name
    try:
        await client.start_workflow(
            names.WATCH,
            request,
            id=names.watch_id_of(name),
            task_queue=settings.task_queue,
            result_type=WatchState,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            memo={_WATCHED: declared_checksum(request)},
            static_summary=watch_summary(request),
            static_details=watch_details(request),
            search_attributes=TypedSearchAttributes([SearchAttributePair(EVAC_RUNBOOK, name)]),
            task_timeout=TASK,
            rpc_timeout=RPC,
        )
    except WorkflowAlreadyStartedError:
        armed = await client.get_workflow_handle(names.watch_id_of(name)).describe(rpc_timeout=RPC)
        if await armed.memo_value(_WATCHED, None, type_hint=str) == declared_checksum(request):
            return False
        message = (
            f"a detector of {name} is armed with another text or other options: "
            f"stop it with `evac detect --stop {name}`, then arm this one"
        )
        raise DifferentDetectorError(message) from None
    return True


async def stop_watch(client: Client, runbook: str, patience: float = 5.0) -> bool:
    """Ask the detector to stop; True when it has stopped, False when it will as soon as a worker runs."""
    handle = client.get_workflow_handle(names.watch_id_of(runbook), result_type=object)
    async with _found(f"no detector of {runbook} is armed: nothing to stop"):
        await handle.signal(names.STOP, rpc_timeout=RPC)
    try:
        async with asyncio.timeout(patience):
            await handle.result()
    except TimeoutError:
        return False
    return True


async def decide(client: Client, runbook: str, decision: Decision, run: str | None = None) -> None:
    """Hand a decision to the runbook's run (to that one only, when `run` is given).

    It is kept even while no worker runs; the run alone judges it.
    """
    handle = client.get_workflow_handle(names.run_id_of(runbook), run_id=run)
    async with _found(f"no run of {runbook} is going: there is nothing to {decision.kind}", RunEndedError):
        await handle.signal(names.DECIDE, decision, rpc_timeout=RPC)


@asynccontextmanager
async def _found(sentence: str, error: type[Exception] = NoSuchRunError) -> AsyncIterator[None]:
    """Turn Temporal's NOT_FOUND into the sentence."""
    try:
        yield
    except RPCError as fault:
        if fault.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise error(sentence) from None
