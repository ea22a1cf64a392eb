"""The detector's vantage points: each keeps one activity probing, so history grows with changes and not with probes."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from runbooks.models import Runbook
    from runbooks.runs import Verdict
    from runbooks.steps import Reading
    from runbooks.watches import WatchCall, WatchReport
    from workflows.retries import HEARTBEAT
    from workflows.sentences import sentence

_PATIENCE = timedelta(seconds=5)
_POST = timedelta(hours=1)
"""A post reports at least this often, so that a history never stands still for ever."""
_LONGEST = 60.0


class Posts:
    """What every vantage point said last, and the last good readings that they sent along."""

    def __init__(
        self,
        runbook: Runbook,
        verdicts: tuple[Verdict, ...],
        history: tuple[Reading, ...],
        changed: Callable[[str], None],
    ) -> None:
        self._runbook = runbook
        self._changed = changed
        self._verdicts = {(v.vantage, v.region): v for v in verdicts}
        self._history = {("", r.resource, r.region): r for r in history}

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The newest of every vantage point and region."""
        return tuple(self._verdicts.values())

    @property
    def history(self) -> tuple[Reading, ...]:
        """The last good readings of data resources, as sent by each vantage point."""
        return tuple(self._history.values())

    @property
    def all_reported(self) -> bool:
        """Everyone has been heard, or has been found to be silent."""
        return len(self._verdicts) == len(self._runbook.vantages()) * len(self._runbook.regions)

    def newest_history(self) -> tuple[Reading, ...]:
        """One of each resource and region: what a successor needs."""
        newest: dict[tuple[str, str], Reading] = {}
        for reading in sorted(self._history.values(), key=lambda reading: reading.observed_at):
            newest[reading.resource, reading.region] = reading
        return tuple(newest.values())

    async def keep(self, vantage: str) -> None:
        """Keep one vantage point probing: its activity reports when a region's state changes."""
        pause = 1.0
        while True:
            try:
                report = await self._report(vantage)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                self._silent(vantage, sentence(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST)
                continue
            pause = 1.0
            self._take(vantage, report)

    async def _report(self, vantage: str) -> WatchReport:
        known = {region: v.state for (place, region), v in self._verdicts.items() if place == vantage}
        report: WatchReport = await workflow.execute_activity(
            "watch",
            WatchCall(runbook=self._runbook, vantage=vantage, known=known),
            result_type=WatchReport,
            task_queue=f"{workflow.info().task_queue}@{vantage}",
            summary=f"Watch the regions from {vantage}",
            schedule_to_start_timeout=_PATIENCE,
            start_to_close_timeout=_POST,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
        return report

    def _take(self, vantage: str, report: WatchReport) -> None:
        for reading in report.history:
            self._history[vantage, reading.resource, reading.region] = reading
        for verdict in report.verdicts:
            key = (verdict.vantage, verdict.region)
            known = self._verdicts.get(key)
            self._verdicts[key] = _same_spell(known, verdict)
            if known is None or known.state != verdict.state:
                self._changed(f"{verdict.vantage} sees {verdict.region} {verdict.state}: {verdict.reason}")

    def _silent(self, vantage: str, why: str) -> None:
        """A vantage point that does not answer knows nothing: unknown is never green, and never red."""
        news = False
        for region in self._runbook.regions:
            known = self._verdicts.get((vantage, region))
            if known is not None and known.state == "unknown":
                continue
            news = True
            self._verdicts[vantage, region] = Verdict(
                vantage=vantage, region=region, state="unknown", reason=f"no answer ({why})", at=workflow.time()
            )
        if news:
            self._changed(f"{vantage} does not answer: {why}")


def _same_spell(known: Verdict | None, verdict: Verdict) -> Verdict:
    """A post that begins anew counts from its own first look: the spell began when it was first seen."""
    first = known.first_bad_at if known is not None and known.state == verdict.state == "unhealthy" else None
    return verdict if first is None else verdict.model_copy(update={"first_bad_at": first})
