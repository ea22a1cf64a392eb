"""The single-writer probe of one vantage point: who takes writes of these data resources, as seen from here."""

import asyncio
import time

from temporalio import activity

from activities.asking import Detectors, ask
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.probes import Probe
from runbooks.run_calls import WritersCall, WritersReport
from runbooks.steps import Reading, Verb

_USUAL = 1.0
"""The bound of a kind whose settings name none."""
_ANSWER = 0.5
"""Seconds that one who has taken the connection in time has for its answer."""


class Writers:
    """Asks every region at once, each within its own `connect_timeout`: a dead one must not hold up the answer."""

    def __init__(self, detectors: Detectors) -> None:
        self._detectors = detectors

    @activity.defn(name="writers")
    async def writers(self, call: WritersCall) -> WritersReport:
        """One look at each resource in each region; silence is a reading, too."""
        asked = [(name, region) for name in call.resources for region in call.runbook.regions]
        readings = await asyncio.gather(*(self._reading(call.runbook, name, region) for name, region in asked))
        return WritersReport(vantage=call.vantage, readings=tuple(readings))

    async def _reading(self, runbook: Runbook, resource: str, region: str) -> Reading:
        kind = KINDS[runbook.resources[resource].kind]
        settings = runbook.settings_of(resource, region)
        probe = Probe(technology=kind.name, name=resource, resource=resource, region=region, settings=settings)
        bound = float(getattr(kind.settings.model_validate(settings), "connect_timeout", _USUAL)) + _ANSWER
        try:
            async with asyncio.timeout(bound):
                return await ask(self._detectors, probe.call(Verb.DETECT, runbook.name, "writers"))
        except TimeoutError:
            reason = f"It gave no answer within {bound:g} s."
            return Reading(resource=resource, region=region, state="unknown", reason=reason, observed_at=time.time())
