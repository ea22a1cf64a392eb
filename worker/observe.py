"""A plan without a run: the same observations and the same planner, in this process (`evac plan`)."""

import asyncio
import time

from activities.asking import ask, detectors_in
from activities.planning import Planner
from runbooks.plan import PlanError
from runbooks.planner import Request, check_request
from runbooks.probes import observations
from runbooks.runs import PlanAnswer, PlanCall, RunInput
from runbooks.steps import Verb
from worker.settings import Settings


async def plan_now(request: RunInput) -> PlanAnswer:
    """Look at every resource, then plan; nothing is changed and Temporal is not needed."""
    settings = Settings()
    detectors = detectors_in(settings.home)
    try:
        check_request(request.runbook, Request(source=request.source, target=request.target))
    except PlanError as error:
        return PlanAnswer(error=str(error))
    readings = await asyncio.gather(
        *(
            ask(detectors, probe.call(Verb.DETECT, request.runbook.name, "plan"))
            for probe in observations(request.runbook)
        )
    )
    call = PlanCall(request=request, readings=tuple(readings), at=time.time())
    return await Planner(settings.records).plan(call)
