"""Asking what stands against a failover, at the moment of decision."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.objection import Objection, WeighAnswer
    from runbooks.values import UnixTime
    from runbooks.vetoes import Snapshot
    from workflows.retries import PLANNING
    from workflows.sentences import sentence

_WEIGHING = timedelta(seconds=20)
_LOOK_AGAIN = 10.0
"""Seconds until what could not be weighed is weighed anew."""


async def weighed(snapshot: Snapshot) -> WeighAnswer:
    """The vetoes. That they cannot be weighed is one, too: unknown is never green."""
    try:
        answer: WeighAnswer = await workflow.execute_activity(
            "weigh",
            snapshot,
            result_type=WeighAnswer,
            summary=f"Weigh what stands against a failover out of {snapshot.region}",
            start_to_close_timeout=PLANNING.attempt,
            schedule_to_close_timeout=_WEIGHING,
            retry_policy=PLANNING.policy(),
        )
    except ActivityError as error:
        why = f"what stands against it could not be weighed: {sentence(error)}"
        again = workflow.time() + _LOOK_AGAIN
        return WeighAnswer(objections=(Objection(veto="unweighed", sentence=why, until=again),))
    return answer


def over_at(answer: WeighAnswer) -> UnixTime | None:
    """When the last of the vetoes is over; None when one of them ends only by something else being seen."""
    ends = [objection.until for objection in answer.objections if objection.until is not None]
    return max(ends) if len(ends) == len(answer.objections) else None
