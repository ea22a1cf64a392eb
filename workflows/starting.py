"""How the detector starts a failover, or hands the fault to the run that is going."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from runbooks.models import Procedure
    from runbooks.runs import RunInput, Trigger, Verdict, WatchInput
    from runbooks.steps import Reading
    from workflows.search_attributes import EVAC_PROCEDURE, EVAC_RUNBOOK, EVAC_SOURCE

_TASK = timedelta(seconds=5)
"""What a worker that is killed in the middle of a workflow task costs."""


def asked(
    armed: WatchInput, region: str, reason: str, verdicts: Sequence[Verdict], history: Sequence[Reading]
) -> RunInput:
    """The failover that the detector asks for: with what it saw, so that it is not looked for a second time."""
    trigger = Trigger(
        id=str(workflow.uuid4()),
        kind="watch",
        by="watch",
        at=workflow.time(),
        reason=reason,
        source=region,
        accept=armed.accept,
    )
    return RunInput(
        runbook=armed.runbook,
        text=armed.text,
        source=region,
        accept=armed.accept,
        trigger=trigger,
        verdicts=tuple(verdicts),
        history=tuple(history),
    )


async def start_or_join(request: RunInput) -> str | None:
    """The id of the run that was started; empty: one is going and was told; None: it ended in between."""
    name = f"evac/{request.runbook.name}"
    try:
        return (await _started(name, request)).first_execution_run_id or name
    except WorkflowAlreadyStartedError:
        pass
    try:
        await workflow.get_external_workflow_handle(name).signal("trigger", request.trigger)
    except ApplicationError:
        return None
    return ""


async def _started(name: str, request: RunInput) -> ChildWorkflowHandle[Any, Any]:
    return await workflow.start_child_workflow(
        "failover",
        request,
        id=name,
        parent_close_policy=ParentClosePolicy.ABANDON,
        task_timeout=_TASK,
        static_summary=f"Failover of {request.runbook.name} out of {request.source}",
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(EVAC_RUNBOOK, request.runbook.name),
                SearchAttributePair(EVAC_PROCEDURE, Procedure.FAILOVER.value),
                SearchAttributePair(EVAC_SOURCE, request.source),
            ]
        ),
    )
