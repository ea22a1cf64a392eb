"""Reading runs and detectors. Ended runs are read from their result, so that needs no worker; going ones are asked.

Temporal's raw service is used where the SDK's `describe` and `list_workflows` are not safe: one run that was
paused by the server has a status they do not know, and then the whole listing fails.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType, WorkflowExecutionStatus
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.temporal import last_poll
from runbooks.alerts import AlertsState
from runbooks.runs import RunState
from runbooks.values import Model
from runbooks.watches import WatchState
from triggers import names
from triggers.errors import NoAnswerError, NoSuchRunError, NoWorkerError, RunFailedError
from triggers.progress import with_progress
from worker.settings import Settings

RPC = timedelta(seconds=5)
QUERY = timedelta(seconds=2)
"""A live worker answers a query in milliseconds; one that needs longer is as good as none to somebody who waits."""

_SILENT = {RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.CANCELLED}

StateT = TypeVar("StateT", bound=Model)


@dataclass(frozen=True)
class Execution:
    """One workflow execution, as Temporal lists it."""

    workflow_id: str
    run_id: str
    kind: str
    status: str
    started_at: float
    closed_at: float | None

    @property
    def open(self) -> bool:
        """Whether it is going on (a server-side pause is a pause, not an end)."""
        return self.status in {"running", "paused"}

    @property
    def runbook(self) -> str:
        """The name of its runbook."""
        return self.workflow_id.removeprefix("evac/").removesuffix("/watch")


async def newest(client: Client, workflow_id: str, run_id: str = "") -> Execution | None:
    """The newest execution of that id (or the one of that run id), or None."""
    request = DescribeWorkflowExecutionRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
    )
    try:
        answer = await client.workflow_service.describe_workflow_execution(request, timeout=RPC)
    except RPCError as fault:
        if fault.status in {RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT}:
            return None
        raise
    return _execution(answer.workflow_execution_info)


async def executions(client: Client, where: str, limit: int = 200) -> list[Execution]:
    """The executions that a visibility query finds, newest first."""
    found: list[Execution] = []
    token = b""
    while len(found) < limit:
        request = ListWorkflowExecutionsRequest(
            namespace=client.namespace, query=where, page_size=min(limit, 200), next_page_token=token
        )
        answer = await client.workflow_service.list_workflow_executions(request, timeout=RPC)
        found.extend(_execution(info) for info in answer.executions)
        token = answer.next_page_token
        if not token:
            break
    return sorted(found[:limit], key=lambda execution: -execution.started_at)


async def run_state(client: Client, settings: Settings, runbook: str, run_id: str = "") -> RunState:
    """The runbook's newest run (or that one), going or ended. Raises NoSuchRunError, NoAnswerError, RunFailedError."""
    found = await newest(client, names.run_id_of(runbook), run_id)
    if found is None or found.kind not in names.RUNS:
        message = f"there is no run of {runbook}{f' with the id {run_id}' if run_id else ''}: `evac history` lists runs"
        raise NoSuchRunError(message)
    handle = client.get_workflow_handle(found.workflow_id, run_id=found.run_id, result_type=RunState)
    if found.open:
        return await ask(client, settings, handle, RunState)
    return await result_of(handle)


async def result_of(handle: WorkflowHandle[Any, StateT]) -> StateT:
    """The state that the ended workflow left (waits for its end). Raises RunFailedError when it left none."""
    try:
        return await handle.result()
    except WorkflowFailureError as error:
        message = f"Temporal closed the run {handle.run_id or handle.id} without a result: {error.cause}"
        raise RunFailedError(message) from None


async def watch_state(client: Client, settings: Settings, runbook: str) -> WatchState | None:
    """What the runbook's detector sees, or None when none is armed."""
    found = await newest(client, names.watch_id_of(runbook))
    if found is None or not found.open:
        return None
    return await ask(client, settings, client.get_workflow_handle(found.workflow_id), WatchState)


async def alerts_state(client: Client, settings: Settings, runbook: str) -> AlertsState | None:
    """What stands of the runbook's alerts, or stood when they were last weighed; None when there never were any."""
    found = await newest(client, names.alerts_id_of(runbook))
    if found is None:
        return None
    handle = client.get_workflow_handle(found.workflow_id, run_id=found.run_id, result_type=AlertsState)
    return await ask(client, settings, handle, AlertsState) if found.open else await result_of(handle)


async def ask(client: Client, settings: Settings, handle: WorkflowHandle[Any, Any], kind: type[StateT]) -> StateT:
    """The answer to the query `state`. Raises NoAnswerError when no worker gives it in time."""
    try:
        answer: StateT = await handle.query(names.STATE, result_type=kind, rpc_timeout=QUERY)
    except WorkflowQueryFailedError as error:
        message = f"the worker cannot tell the state of {handle.id}: {error}"
        raise NoAnswerError(message) from None
    except RPCError as error:
        if error.status not in _SILENT:
            raise
        raise await _silence(client, settings.task_queue) from None
    return await with_progress(client, handle, answer)


async def _silence(client: Client, queue: str) -> NoAnswerError:
    """Whether there is no worker at all, or one that does not answer."""
    age = await last_poll(client, queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    if age is None:
        message = f"no worker answers on the task queue {queue}; start one with `evac worker`. The run is kept."
        return NoWorkerError(message)
    message = (
        f"the worker of the task queue {queue} polled {age:.0f} s ago but does not answer: "
        "it is busy, or just gone; see its log, or start another with `evac worker`. The run is kept."
    )
    return NoAnswerError(message)


async def deaf_vantages(client: Client, settings: Settings, vantages: tuple[str, ...]) -> list[str]:
    """The vantage points where no worker listens: they cannot vote."""
    kind = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    ages = await asyncio.gather(*(last_poll(client, settings.vantage_queue(name), kind) for name in vantages))
    return [name for name, age in zip(vantages, ages, strict=True) if age is None]


def _execution(info: WorkflowExecutionInfo) -> Execution:
    known = {number: name for name, number in WorkflowExecutionStatus.items()}
    status = known.get(info.status, f"status-{info.status}").removeprefix("WORKFLOW_EXECUTION_STATUS_").lower()
    closed = info.close_time.ToMilliseconds() / 1000 if info.HasField("close_time") else None
    return Execution(
        workflow_id=info.execution.workflow_id,
        run_id=info.execution.run_id,
        kind=info.type.name,
        status=status.replace("_", "-"),
        started_at=info.start_time.ToMilliseconds() / 1000,
        closed_at=closed,
    )
