"""After a writer was moved: does one region alone take writes? Asked from two vantage points; two are a violation."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.models import Runbook
    from runbooks.plan import Step
    from runbooks.run_calls import WritersCall, WritersReport
    from runbooks.steps import Verb
    from runbooks.writers import violation
    from workflows.house import Teller
    from workflows.retries import HEARTBEAT

MOVES_A_WRITER = frozenset({Verb.PROMOTE, Verb.RESEED})
WAITS_FOR_THE_PROBE = frozenset({Verb.CUT_OVER, Verb.RESEED})
"""Traffic is not led to, and nothing is destroyed beside, a resource that may have two writers."""
VANTAGES = 2
"""So many answers are enough to go on."""
_AWAKE = timedelta(milliseconds=750)
_ANSWER = timedelta(seconds=5)


class SingleWriter:
    """The probes of one run. They go on beside the other steps; only what must wait for them does."""

    def __init__(self, runbook: Runbook, left: str, teller: Teller) -> None:
        self._runbook = runbook
        self._vantages = runbook.vantages_for(left)
        self._teller = teller
        self._probes: dict[str, asyncio.Task[str | None]] = {}
        self._violated: set[str] = set()
        self._late: list[asyncio.Task[WritersReport | None]] = []

    def moved(self, step: Step) -> None:
        """The step has moved a writer, or may have: probe."""
        if step.verb in MOVES_A_WRITER and step.resource in self._runbook.resources:
            self.probe(step.resource)

    def probe(self, resource: str) -> None:
        """Look who takes writes of the resource now."""
        self._probes[resource] = asyncio.create_task(self._look(resource))

    async def violated(self) -> str | None:
        """Wait for the probes; the sentence when two regions take writes. A violation is probed anew the next time."""
        for resource in sorted(self._violated):
            self.probe(resource)
        self._violated.clear()
        for resource, probe in list(self._probes.items()):
            found = await probe
            if found is not None:
                self._violated.add(resource)
                return found
        return None

    async def _look(self, resource: str) -> str | None:
        asked = [asyncio.create_task(self._ask(vantage, resource)) for vantage in self._vantages]

        def answered() -> list[WritersReport]:
            done = (task.result() for task in asked if task.done())
            return [report for report in done if report is not None]

        await workflow.wait_condition(lambda: len(answered()) >= VANTAGES or all(task.done() for task in asked))
        self._late.extend(task for task in asked if not task.done())
        return self._judged(resource, answered())

    async def settled(self) -> None:
        """Wait for the answers that nobody waited for: nothing is left under way when the run ends."""
        await asyncio.gather(*self._late)

    def _judged(self, resource: str, reports: Sequence[WritersReport]) -> str | None:
        found = violation(self._runbook, reports, workflow.time())
        seen_from = " and ".join(report.vantage for report in reports)
        if found is not None:
            self._teller.ask(f"Two writers: {found}")
        elif len(reports) < VANTAGES:
            self._teller.tell(
                f"Who takes writes of {resource} is not proved: it was seen from {seen_from or 'nowhere'}, "
                f"and {VANTAGES} vantage points are wanted"
            )
        else:
            self._teller.tell(f"No second writer of {resource}, as seen from {seen_from}")
        return found

    async def _ask(self, vantage: str, resource: str) -> WritersReport | None:
        try:
            report: WritersReport = await workflow.execute_activity(
                "writers",
                WritersCall(runbook=self._runbook, vantage=vantage, resources=(resource,)),
                result_type=WritersReport,
                task_queue=f"{workflow.info().task_queue}@{vantage}",
                summary=f"Who takes writes of {resource}, seen from {vantage}?",
                schedule_to_start_timeout=_AWAKE,
                start_to_close_timeout=_ANSWER,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RetryPolicy(maximum_attempts=1),
            )
        except ActivityError:
            return None
        return report
