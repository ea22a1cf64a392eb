"""A run that goes on as another one, under the same workflow id: the lock is never let go, nothing is counted twice."""

from runbooks.models import Procedure
from runbooks.plan import Plan
from runbooks.runs import Carried, RunInput, Trigger
from runbooks.values import UnixTime


def as_failover(request: RunInput, trigger: Trigger, carried: Carried) -> RunInput:
    """The real failover that a planned run gives way to. The fault is confirmed anew, unless a person insists."""
    return RunInput(
        runbook=request.runbook,
        text=request.text,
        procedure=Procedure.FAILOVER,
        source=trigger.source,
        target=trigger.target,
        accept=trigger.accept,
        force=trigger.force,
        trigger=trigger,
        history=request.history,
        carried=carried,
    )


def way_back(request: RunInput, plan: Plan, at: UnixTime, why: str, carried: Carried) -> RunInput:
    """The switchover back to where everything was: nobody confirmed what was moved."""
    trigger = Trigger(
        id=f"{request.trigger.id}/back",
        kind="commit-expired",
        by=request.trigger.by,
        at=at,
        reason=why,
        procedure=Procedure.SWITCHOVER,
        source=plan.target,
        target=plan.source,
    )
    return RunInput(
        runbook=request.runbook,
        text=request.text,
        procedure=Procedure.SWITCHOVER,
        source=plan.target,
        target=plan.source,
        trigger=trigger,
        carried=carried,
        drill=request.drill,
        covered_by=f"`commit_within` of the {request.procedure}",
    )
