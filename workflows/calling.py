"""The one way in which workflows call a technology."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.steps import StepCall, StepResult
    from workflows.retries import HEARTBEAT, Patience

LONGEST_SUMMARY = 200
"""Bytes that Temporal keeps of a summary; its pages show it instead of the activity's name."""


async def perform(
    uses: str, call: StepCall, patience: Patience, summary: str, activity_id: str | None = None
) -> StepResult:
    """Call the activity and wait for its result. Raises ActivityError when its tries are used up."""
    result: StepResult = await workflow.execute_activity(
        uses,
        call,
        result_type=StepResult,
        activity_id=activity_id,
        summary=summary.encode()[:LONGEST_SUMMARY].decode(errors="ignore"),
        start_to_close_timeout=patience.attempt,
        heartbeat_timeout=HEARTBEAT,
        retry_policy=patience.policy(),
    )
    return result
