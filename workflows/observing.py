"""Looking at resources outside a run of a plan: each answer, and each silence, is a reading."""

import asyncio
from collections.abc import Iterable

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.probes import Probe
    from runbooks.steps import Reading, Verb
    from workflows.calling import perform
    from workflows.retries import PATIENCE
    from workflows.sentences import sentence


async def observed(probes: Iterable[Probe], runbook: str) -> tuple[Reading, ...]:
    """One reading for each probe, all at once."""
    return tuple(await asyncio.gather(*(_reading(probe, runbook) for probe in probes)))


async def _reading(probe: Probe, runbook: str) -> Reading:
    call = probe.call(Verb.DETECT, runbook, workflow.info().run_id)
    look = f"Look at {call.resource} of {runbook} in {call.region}"
    try:
        reading = (await perform(call.uses, call, PATIENCE[Verb.DETECT], look)).reading
    except ActivityError as error:
        reading = None
        why = sentence(error)
    else:
        why = "it answered without a reading"
    return reading or Reading(
        resource=call.resource, region=call.region, state="unknown", reason=why, observed_at=workflow.time()
    )
