"""The planner as an activity, so that its answer is recorded: changing the planner never changes a run in flight."""

from temporalio import activity

from runbooks.facts import Facts
from runbooks.plan import PlanError
from runbooks.planner import Request, make_plan
from runbooks.runs import PlanAnswer, PlanCall


def answer(call: PlanCall) -> PlanAnswer:
    """The plan for the readings, or the sentence why there is none."""
    request = call.request
    facts = Facts(at=call.at, readings=call.readings, history=request.history, fault_at=call.fault_at)
    asked = Request(source=request.source, target=request.target, accept=request.accept)
    try:
        plan = make_plan(request.runbook, request.procedure, asked, facts)
    except PlanError as error:
        return PlanAnswer(error=str(error))
    return PlanAnswer(plan=plan, checksum=plan.checksum)


@activity.defn(name="plan")
async def plan(call: PlanCall) -> PlanAnswer:
    """As `answer`, under Temporal."""
    return answer(call)
