"""Weighing what stands against a failover: asked and judged at the moment of decision, and so recorded in history."""

from temporalio import activity

from activities.asking import Detectors, ask
from activities.gate import Gate
from runbooks.objection import WeighAnswer
from runbooks.probes import deploying
from runbooks.runs import GateCall
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
        gate = await self._gate.gate(GateCall(runbook=seen.runbook.name, workflow_id=watch, run_id=""))
        reading = await self._deploying(seen)
        whole = seen.model_copy(update={"gate": gate, "deploying": reading})
        unsure = reading is not None and reading.state == "unknown"
        notes = (f"whether a deployment is in progress is unknown: {reading.reason}",) if reading and unsure else ()
        return WeighAnswer(objections=objections(whole), notes=notes)

    async def _deploying(self, seen: Snapshot) -> Reading | None:
        probe = deploying(seen.runbook, seen.region)
        if probe is None or "deploy" not in seen.runbook.detect.vetoes:
            return None
        return await ask(self._detectors, probe.call(Verb.DETECT, seen.runbook.name, "watch"))
