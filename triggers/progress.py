"""How far the steps of a run are that go on now: the newest heartbeat of each, which only Temporal has.

A heartbeat's details lag behind and are no part of the run's state or record: a hint for whoever looks.
"""

from datetime import timedelta
from typing import Any, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError

from runbooks.runs import RunState, Status
from runbooks.values import Model

_WITHIN = timedelta(seconds=2)

StateT = TypeVar("StateT", bound=Model)


async def with_progress(client: Client, handle: WorkflowHandle[Any, Any], state: StateT) -> StateT:
    """A run's state with what its running steps are doing; as it was when Temporal does not say, or it is no run's."""
    if not isinstance(state, RunState) or not any(step.status is Status.RUNNING for step in state.steps):
        return state
    execution = WorkflowExecution(workflow_id=handle.id, run_id=handle.run_id or "")
    request = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
    try:
        answer = await client.workflow_service.describe_workflow_execution(request, timeout=_WITHIN)
        doing = {one.activity_id: await _said(client, one) for one in answer.pending_activities}
    except (RPCError, TemporalError):
        return state
    steps = tuple(
        step.model_copy(update={"doing": _of(step.id, doing)}) if step.status is Status.RUNNING else step
        for step in state.steps
    )
    return state.model_copy(update={"steps": steps})


def _of(step: str, doing: dict[str, str]) -> str:
    """An activity is called like its step; one that was begun anew since its worker was lost has a number, too."""
    return next((text for name, text in doing.items() if _names(name, step)), "")


def _names(activity: str, step: str) -> bool:
    head, _, number = activity.rpartition(".")
    return activity == step or (head == step and number.isdecimal())


async def _said(client: Client, pending: PendingActivityInfo) -> str:
    """What it last told of itself; while it waits for its next try, why the last one failed."""
    payloads = pending.heartbeat_details.payloads
    told = await client.data_converter.decode(payloads, [str]) if payloads else []
    text = str(told[0]) if told else ""
    if pending.attempt > 1 and pending.HasField("last_failure"):
        failed = f"try {pending.attempt}, since the last one failed: {pending.last_failure.message}"
        return f"{text}; {failed}" if text else failed
    return text
