"""The one way in which workflows call a technology."""

from collections.abc import Callable

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.steps import StepCall, StepResult
    from workflows.retries import HEARTBEAT, Patience

LONGEST_SUMMARY = 200
"""Bytes that Temporal keeps of a summary; its pages show it instead of the activity's name."""


async def perform(  # noqa: PLR0913  (the parts of one call)
    uses: str,
    call: StepCall,
    patience: Patience,
    summary: str,
    *,
    activity_id: str | None = None,
    interrupt: Callable[[], bool] = lambda: False,
) -> StepResult:
    """Call the activity and wait for its result. Raises ActivityError when its tries are used up.

    As soon as `interrupt` says so the activity is cancelled, and waited for until it has really stopped.
    """
    under_way = workflow.start_activity(
        uses,
        call,
        result_type=StepResult,
        activity_id=activity_id,
        summary=summary.encode()[:LONGEST_SUMMARY].decode(errors="ignore"),
        start_to_close_timeout=patience.attempt,
        heartbeat_timeout=HEARTBEAT,
        retry_policy=patience.policy(),
        cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )
    await workflow.wait_condition(lambda: under_way.done() or interrupt())
    if not under_way.done():
        under_way.cancel()
    result: StepResult = await under_way
    return result
