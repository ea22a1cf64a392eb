"""Workflow executions through Temporal's raw service.

The SDK's own `describe` and `list_workflows` fail on a run that the server has paused: they do not know its status.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import WorkflowExecutionStatus as Status
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest, ListWorkflowExecutionsRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runbooks.values import Model

RPC = timedelta(seconds=5)

_OPEN = {Status.WORKFLOW_EXECUTION_STATUS_RUNNING, Status.WORKFLOW_EXECUTION_STATUS_PAUSED}
"""A server-side pause is a pause, not an end."""

ModelT = TypeVar("ModelT", bound=Model)


def is_open(info: WorkflowExecutionInfo) -> bool:
    """It goes on."""
    return info.status in _OPEN


def is_continued(info: WorkflowExecutionInfo) -> bool:
    """It has not ended: it went on as the next execution of its chain."""
    return bool(info.status == Status.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW)


def attribute(info: WorkflowExecutionInfo, name: str) -> str:
    """The value of its search attribute; empty when it has none."""
    payload = info.search_attributes.indexed_fields.get(name)
    return str(json.loads(payload.data)) if payload is not None and payload.data else ""


async def newest(client: Client, workflow_id: str) -> WorkflowExecutionInfo | None:
    """The newest execution of that id, or None. Exact: it does not lag as listings do."""
    request = DescribeWorkflowExecutionRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=workflow_id)
    )
    try:
        answer = await client.workflow_service.describe_workflow_execution(request, timeout=RPC)
    except RPCError as fault:
        if fault.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    return answer.workflow_execution_info


async def ended(client: Client, workflow_id: str) -> Sequence[WorkflowExecutionInfo]:
    """The newest of its ended executions, as far as the listing knows: it lags a little behind."""
    query = f"WorkflowId = '{workflow_id}' AND ExecutionStatus != 'Running'"
    request = ListWorkflowExecutionsRequest(namespace=client.namespace, query=query, page_size=20)
    answer = await client.workflow_service.list_workflow_executions(request, timeout=RPC)
    return [info for info in answer.executions if not is_open(info)]


async def input_of(client: Client, info: WorkflowExecutionInfo, kind: type[ModelT]) -> ModelT | None:
    """What it was started with, from its first event: that needs no worker. None when it was no such thing."""
    handle = client.get_workflow_handle(info.execution.workflow_id, run_id=info.execution.run_id)
    async for event in handle.fetch_history_events(page_size=1, rpc_timeout=RPC):
        payloads = event.workflow_execution_started_event_attributes.input.payloads[:1]
        try:
            decoded: list[Any] = await client.data_converter.decode(payloads, [kind] * len(payloads))
        except (ValueError, KeyError, RuntimeError):
            return None  # started by hand, with something else
        return decoded[0] if decoded else None
    return None
