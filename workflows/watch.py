"""Watch: the long-lived detector of one runbook. A quorum of vantage points that calls a region down starts a run."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ActivityError, ApplicationError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from runbooks.models import Procedure
    from runbooks.runs import (
        RunInput,
        Trigger,
        Verdict,
        WatchCall,
        WatchInput,
        WatchReport,
        WatchState,
    )
    from runbooks.steps import Reading
    from workflows.confirm import as_seen
    from workflows.retries import HEARTBEAT
    from workflows.search_attributes import EVAC_PROCEDURE, EVAC_RUNBOOK, EVAC_SOURCE
    from workflows.sentences import sentence
    from workflows.story import Story

_PATIENCE = timedelta(seconds=5)
_TASK = timedelta(seconds=5)
"""What a worker that is killed in the middle of a workflow task costs."""
_UNTIL_GONE = timedelta(seconds=1)
_POST = timedelta(hours=1)
"""A post reports at least this often, so that a history never stands still for ever."""


@workflow.defn(name="watch")
class Watch:
    """One detector of one runbook: workflow id `evac/<runbook>/watch`."""

    @workflow.init
    def __init__(self, armed: WatchInput) -> None:
        self._in = armed
        self._verdicts: dict[tuple[str, str], Verdict] = {(v.vantage, v.region): v for v in armed.verdicts}
        self._history: dict[tuple[str, str, str], Reading] = {}
        self._started_for: set[str] = set(armed.started_for)
        self._again: set[str] = set()
        self._story = Story()
        self._last_run = armed.last_run
        self._stopped = False

    @workflow.run
    async def run(self, armed: WatchInput) -> WatchState:
        """Watch until stopped. History grows with changes of verdict, not with probes."""
        runbook = armed.runbook
        posts = [asyncio.create_task(self._post(v)) for v in runbook.vantages()]
        while not self._stopped and not workflow.info().is_continue_as_new_suggested():
            await workflow.wait_condition(
                lambda: self._stopped or bool(self._down()) or workflow.info().is_continue_as_new_suggested(),
            )
            for region in self._down():
                await self._start(region)
        for post in posts:
            post.cancel()
        await asyncio.gather(*posts, return_exceptions=True)
        if not self._stopped:
            workflow.continue_as_new(
                armed.model_copy(
                    update={
                        "verdicts": tuple(self._verdicts.values()),
                        "started_for": tuple(sorted(self._started_for)),
                        "last_run": self._last_run,
                    }
                )
            )
        return self.state()

    @workflow.signal
    def stop(self) -> None:
        """Disarm the detector. A run that it started goes on."""
        self._stopped = True

    @workflow.signal
    def not_taken(self, region: str) -> None:
        """A run that this detector was told to join left another region, or had ended: ask for one anew."""
        self._again.add(region)
        self._started_for.discard(region)

    @workflow.query
    def state(self) -> WatchState:
        """What is seen from where."""
        return WatchState(
            runbook=self._in.runbook.name,
            verdicts=tuple(self._verdicts.values()),
            events=tuple(self._story.events),
            run=self._last_run,
        )

    async def _post(self, vantage: str) -> None:
        """Keep one vantage point probing: its activity reports when a region's state changes."""
        pause = 1.0
        while True:
            known = {region: v.state for (place, region), v in self._verdicts.items() if place == vantage}
            try:
                report: WatchReport = await workflow.execute_activity(
                    "watch",
                    WatchCall(runbook=self._in.runbook, vantage=vantage, known=known),
                    result_type=WatchReport,
                    task_queue=f"{workflow.info().task_queue}@{vantage}",
                    summary=f"Watch the regions from {vantage}",
                    schedule_to_start_timeout=_PATIENCE,
                    start_to_close_timeout=_POST,
                    heartbeat_timeout=HEARTBEAT,
                    retry_policy=RetryPolicy(maximum_attempts=1),
                )
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                self._silent(vantage, sentence(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 60.0)
                continue
            pause = 1.0
            self._take(report)

    def _take(self, report: WatchReport) -> None:
        for verdict in report.verdicts:
            key = (verdict.vantage, verdict.region)
            known = self._verdicts.get(key)
            self._verdicts[key] = verdict
            if known is None or known.state != verdict.state:
                self._tell(f"{verdict.vantage} sees {verdict.region} {verdict.state}: {verdict.reason}")
        for reading in report.history:
            self._history[report.verdicts[0].vantage, reading.resource, reading.region] = reading
        healthy = {r for r in self._in.runbook.regions if self._count(r, "healthy") >= self._in.runbook.quorum_for(r)}
        self._started_for -= healthy

    def _silent(self, vantage: str, why: str) -> None:
        """A vantage point that does not answer knows nothing: unknown is never green, and never red."""
        for region in self._in.runbook.regions:
            known = self._verdicts.get((vantage, region))
            if known is not None and known.state == "unknown":
                continue
            self._verdicts[vantage, region] = Verdict(
                vantage=vantage, region=region, state="unknown", reason=f"no answer ({why})", at=workflow.time()
            )
        self._tell(f"{vantage} does not answer: {why}")

    def _count(self, region: str, state: str) -> int:
        outside = self._in.runbook.vantages_for(region)
        return sum(v.state == state for (place, of), v in self._verdicts.items() if of == region and place in outside)

    def _down(self) -> list[str]:
        """The regions that a quorum calls down and for which nothing was started yet."""
        runbook = self._in.runbook
        return [
            region
            for region in runbook.regions
            if region not in self._started_for and self._count(region, "unhealthy") >= runbook.quorum_for(region)
        ]

    async def _start(self, region: str) -> None:
        if region in self._again:
            self._again.discard(region)
            await workflow.sleep(_UNTIL_GONE)  # the run that gave it back is about to end
        if region not in self._down():
            return  # it has come back while another start was waited for
        self._started_for.add(region)
        runbook = self._in.runbook
        seen = [v for v in self._verdicts.values() if v.region == region and v.state == "unhealthy"]
        reason = as_seen(seen, region)
        self._tell(f"{region} is down: {reason}")
        if not self._in.start_failover:
            return
        name = f"evac/{runbook.name}"
        trigger = Trigger(
            id=str(workflow.uuid4()), kind="watch", by="watch", at=workflow.time(), reason=reason, source=region
        )
        request = RunInput(
            runbook=runbook,
            text=self._in.text,
            source=region,
            accept=self._in.accept,
            trigger=trigger,
            verdicts=tuple(seen),
            history=tuple(self._history.values()),
        )
        try:
            handle = await workflow.start_child_workflow(
                "failover",
                request,
                id=name,
                parent_close_policy=ParentClosePolicy.ABANDON,
                task_timeout=_TASK,
                static_summary=f"Failover of {runbook.name} out of {region}",
                search_attributes=TypedSearchAttributes(
                    [
                        SearchAttributePair(EVAC_RUNBOOK, runbook.name),
                        SearchAttributePair(EVAC_PROCEDURE, Procedure.FAILOVER.value),
                        SearchAttributePair(EVAC_SOURCE, region),
                    ]
                ),
            )
        except WorkflowAlreadyStartedError:
            try:
                await workflow.get_external_workflow_handle(name).signal("trigger", trigger)
            except ApplicationError:
                self._started_for.discard(region)  # it ended in between: the next turn starts one
                return
            self._tell(f"Handed to the run that is going: {name}")
            return
        self._last_run = handle.first_execution_run_id or ""
        self._tell(f"Started {name}")

    def _tell(self, text: str) -> None:
        self._story.tell(workflow.time(), text)
        workflow.set_current_details(self._story.markdown())
