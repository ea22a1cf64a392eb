"""Scheduled: what a schedule starts. Temporal gives each time an id of its own; the procedure must have the usual one.

So a drill by schedule and one at will are the same workflow id, and never go at once.
"""

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from pydantic import JsonValue

    from runbooks.runs import Trigger
    from runbooks.timetable import ScheduledInput, ScheduledState
    from workflows.search_attributes import EVAC_PROCEDURE, EVAC_RUNBOOK


@workflow.defn(name="scheduled")
class Scheduled:
    """One time of one schedule; it ends when what it started ends, so that the next time is skipped until then."""

    @workflow.run
    async def run(self, request: ScheduledInput) -> ScheduledState:
        """Start the procedure under its usual id, unless it goes already."""
        name = f"evac/{request.runbook}/{request.procedure}"
        try:
            handle = await workflow.start_child_workflow(
                request.procedure.value,
                self._asked(request),
                id=name,
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=f"{request.procedure} of {request.runbook}, by schedule"[:200],
                search_attributes=TypedSearchAttributes(
                    [
                        SearchAttributePair(EVAC_RUNBOOK, request.runbook),
                        SearchAttributePair(EVAC_PROCEDURE, request.procedure.value),
                    ]
                ),
            )
        except WorkflowAlreadyStartedError:
            return ScheduledState(started=False, sentence=f"{name} is going already: this time is skipped")
        run = handle.first_execution_run_id or ""
        try:
            await handle
        except ChildWorkflowError as error:
            return ScheduledState(started=True, run=run, sentence=f"Temporal closed {name}: {error.cause}")
        return ScheduledState(started=True, run=run, sentence=f"{name} has ended")

    def _asked(self, request: ScheduledInput) -> dict[str, JsonValue]:
        """The input with a trigger that no other time has."""
        trigger = Trigger(
            id=str(workflow.uuid4()),
            kind="schedule",
            by=request.by,
            at=workflow.time(),
            reason="as scheduled",
            procedure=request.procedure,
            proof=request.proof,
        )
        return {**request.request, "trigger": trigger.model_dump(mode="json")}
