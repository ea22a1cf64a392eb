"""The planner as an activity, so that its answer is recorded: changing the planner never changes a run in flight."""

import asyncio
from pathlib import Path

from temporalio import activity

from audit.durations import past_durations
from runbooks.estimate import Past, estimate
from runbooks.facts import Facts
from runbooks.plan import PlanError
from runbooks.planner import Request, make_plan
from runbooks.run_calls import PlanAnswer, PlanCall


class Planner:
    """Plans, and estimates from the records of past runs how long the plan will take."""

    def __init__(self, records: Path) -> None:
        self._records = records

    @activity.defn(name="plan")
    async def plan(self, call: PlanCall) -> PlanAnswer:
        """The plan for the readings, or the sentence why there is none."""
        past = await asyncio.to_thread(past_durations, self._records, call.request.runbook.name)
        return answer(call, past)


def answer(call: PlanCall, past: Past | None = None) -> PlanAnswer:
    """The plan of the request's procedure and its estimate, or the sentence why there is none. Pure."""
    request = call.request
    facts = Facts(at=call.at, readings=call.readings, history=request.history, fault_at=call.fault_at)
    asked = Request(source=request.source, target=request.target, accept=request.accept)
    try:
        plan = make_plan(request.runbook, request.procedure, asked, facts)
    except PlanError as error:
        return PlanAnswer(error=str(error))
    return PlanAnswer(plan=plan, checksum=plan.checksum, estimate=estimate(plan, past or Past()))
