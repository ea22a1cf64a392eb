"""Weighing what stands against a failover: asked and judged at the moment of decision, and so recorded in history."""

import asyncio
import time

from temporalio import activity

from activities.asking import Detectors, ask
from activities.gate import Gate
from runbooks.models import Runbook
from runbooks.objection import WeighAnswer
from runbooks.probes import Probe, checks, deploying
from runbooks.run_calls import GateCall
from runbooks.runs import Verdict
from runbooks.steps import Reading, Verb
from runbooks.vetoes import Snapshot, objections


class Weighing:
    """Adds to the detector's snapshot what only the world can tell, and lets the pure vetoes judge it."""

    def __init__(self, gate: Gate, detectors: Detectors) -> None:
        self._gate = gate
        self._detectors = detectors

    @activity.defn(name="weigh")
    async def weigh(self, seen: Snapshot) -> WeighAnswer:
        """The vetoes. That nobody can say whether a deployment is in progress is no veto, and is noted."""
        watch = f"evac/{seen.runbook.name}/watch"
        gate, reading, looks = await asyncio.gather(
            self._gate.gate(GateCall(runbook=seen.runbook.name, workflow_id=watch, run_id="")),
            self._deploying(seen),
            self._looks(seen),
        )
        whole = seen.model_copy(update={"gate": gate, "deploying": reading, "looks": looks})
        unsure = reading is not None and reading.state == "unknown"
        notes = (f"whether a deployment is in progress is unknown: {reading.reason}",) if reading and unsure else ()
        return WeighAnswer(objections=objections(whole), notes=notes)

    async def _deploying(self, seen: Snapshot) -> Reading | None:
        probe = deploying(seen.runbook, seen.region)
        if probe is None or "deploy" not in seen.runbook.detect.vetoes:
            return None
        return await self._ask(seen.runbook, probe)

    async def _looks(self, seen: Snapshot) -> tuple[Verdict, ...]:
        if "same-symptom" not in seen.runbook.detect.vetoes:
            return ()
        others = (region for region in seen.runbook.regions if region != seen.region)
        return tuple(await asyncio.gather(*(self._look(seen.runbook, region) for region in others)))

    async def _look(self, book: Runbook, region: str) -> Verdict:
        probes = checks(book, region, "detect")
        readings = await asyncio.gather(*(self._ask(book, probe) for probe in probes))
        bad = {p.name: r.reason for p, r in zip(probes, readings, strict=True) if r.state == "unhealthy"}
        return Verdict(
            vantage="worker",
            region=region,
            state="unhealthy" if bad else "unknown",  # one good look makes nothing healthy
            reason="; ".join(bad.values()),
            at=time.time(),
            failing=tuple(bad),
        )

    async def _ask(self, book: Runbook, probe: Probe) -> Reading:
        return await ask(self._detectors, probe.call(Verb.DETECT, book.name, "watch"))
