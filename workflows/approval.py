"""Asking people: a plan that must be approved waits for the approvals that name its checksum."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.durations import duration
    from runbooks.models import Approval
    from runbooks.plan import Plan
    from runbooks.runs import Outcome, Trigger
    from workflows.desk import Desk
    from workflows.ending import Ended


def rule_for(policy: Approval, asked: Sequence[Trigger]) -> Approval:
    """The approvals that a run needs, by who asked for it: the first began it, the others joined.

    What alerts propose needs a person, and silence is a no. Somebody else who joins has the policy hold.
    """
    if asked[0].kind != "alert":
        return policy
    modes = {trigger.mode if trigger.kind == "alert" else "approve" for trigger in asked}
    if "automatic" in modes:
        return policy.model_copy(update={"count": 0})
    if "approve" in modes:
        return policy
    timeout = policy.timeout or Approval().timeout  # a policy that asks nobody may have none
    return policy.model_copy(update={"count": max(1, policy.count), "on_timeout": "abort", "timeout": timeout})


def awaited(plan: Plan, approval: Approval) -> str:
    """Who is awaited for what."""
    whom = f"one of {', '.join(approval.by)}" if approval.by else "anyone"
    count = f"{approval.count} approval{'' if approval.count == 1 else 's'}"
    then = "; then it goes on unless somebody vetoes" if approval.on_timeout == "proceed" else ""
    return f"Plan {plan.checksum[:12]} awaits {count} by {whom}, for up to {duration(approval.timeout)}{then}"


async def approved(plan: Plan, rule: Callable[[], Approval], desk: Desk) -> bool:
    """True: approved. False: nobody answered in time, and the policy goes on. Raises Ended for every no.

    The rule may become milder meanwhile: somebody joins who need not ask.
    """
    try:
        await workflow.wait_condition(
            lambda: len(desk.approvers) >= rule().count or desk.said_no(),
            timeout=timedelta(seconds=rule().timeout),
            timeout_summary="approval expires",
        )
    except TimeoutError:
        if rule().on_timeout == "proceed":
            return False
        message = f"Nobody approved plan {plan.checksum[:12]} in time; nothing was changed"
        raise Ended(Outcome.EXPIRED, message) from None
    desk.raise_if_stopped()
    if desk.vetoed is not None:
        why = desk.vetoed.reason or "no reason given"
        raise Ended(Outcome.REJECTED, f"{desk.vetoed.by} vetoed the plan ({why}); nothing was changed")
    if desk.rejected is not None:
        why = desk.rejected.reason or "no reason given"
        raise Ended(Outcome.REJECTED, f"{desk.rejected.by} rejected the plan ({why}); nothing was changed")
    return True
