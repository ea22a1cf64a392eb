"""A run of a plan, started by another workflow: under the runbook's id, so that there is one at a time."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from runbooks.models import Procedure
    from runbooks.runs import RunInput, RunState
    from workflows.search_attributes import EVAC_PROCEDURE, EVAC_RUNBOOK, EVAC_SOURCE

_TASK = timedelta(seconds=5)
"""What a worker that is killed in the middle of a workflow task costs."""

REHEARSAL = "drill-rehearsal"

RunHandle = ChildWorkflowHandle[Any, RunState]


def type_of(procedure: Procedure) -> str:
    """The workflow type that carries the procedure's plan out."""
    return REHEARSAL if procedure == Procedure.DRILL else procedure.value


async def start(request: RunInput) -> RunHandle:
    """Start the run. It goes on whatever becomes of whoever started it. Raises WorkflowAlreadyStartedError."""
    name = request.runbook.name
    handle: RunHandle = await workflow.start_child_workflow(
        type_of(request.procedure),
        request,
        id=f"evac/{name}",
        result_type=RunState,
        parent_close_policy=ParentClosePolicy.ABANDON,
        task_timeout=_TASK,
        static_summary=f"{name}: {request.procedure} out of {request.source}, for {request.trigger.kind}"[:200],
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(EVAC_RUNBOOK, name),
                SearchAttributePair(EVAC_PROCEDURE, request.procedure.value),
                SearchAttributePair(EVAC_SOURCE, request.source),
            ]
        ),
    )
    return handle
