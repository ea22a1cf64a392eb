"""How the detector, and alerts, start a run, or hand the fault to the one that is going."""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from runbooks.runs import RunInput, Trigger, Verdict
    from runbooks.steps import Reading
    from runbooks.watches import WatchInput
    from workflows.child_run import start


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
        return (await start(request)).first_execution_run_id or name
    except WorkflowAlreadyStartedError:
        pass
    try:
        await workflow.get_external_workflow_handle(name).signal("trigger", request.trigger)
    except ApplicationError:
        return None
    return ""
