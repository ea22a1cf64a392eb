"""A plan without a run: the same observations and the same planner, in this process (`evac plan`)."""

import asyncio
import time

from activities.planning import Planner
from runbooks import candidates, traffic
from runbooks.facts import Facts
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.plan import PlanError
from runbooks.planner import Request, check_request
from runbooks.probes import observations
from runbooks.run_calls import PlanAnswer, PlanCall
from runbooks.runs import RunInput
from runbooks.steps import Reading, Verb
from worker.settings import Settings


async def plan_now(request: RunInput) -> PlanAnswer:
    """Look at every resource, then plan; nothing is changed and Temporal is not needed."""
    try:
        check_request(request.runbook, Request(source=request.source, target=request.target))
    except PlanError as error:
        return PlanAnswer(error=str(error))
    readings = await _readings(request.runbook)
    call = PlanCall(request=request, readings=readings, at=time.time())
    return await Planner(Settings().records).plan(call)


async def serving(runbook: Runbook) -> frozenset[str]:
    """The regions that are seen to hold a writer, or that the public names lead to."""
    facts = Facts(readings=await _readings(runbook), at=time.time())
    stores = [name for name, resource in runbook.resources.items() if KINDS[resource.kind].holds_data]
    held = {region for name in stores for region in candidates.writers(runbook, name, facts)}
    return frozenset(held.union(*(traffic.led_to(facts, name) or () for name in traffic.public_names(runbook))))


async def _readings(runbook: Runbook) -> tuple[Reading, ...]:
    # Every technology with its client: whoever only starts a run needs none of them.
    from activities.asking import ask_twice, detectors_in  # noqa: PLC0415

    detectors = detectors_in(Settings().home)
    asked = (ask_twice(detectors, probe.call(Verb.DETECT, runbook.name, "plan")) for probe in observations(runbook))
    return tuple(await asyncio.gather(*asked))
