"""Watch: the long-lived detector of one runbook. A quorum of vantage points that calls a region down starts a run.

Unless something stands against it: every decision is kept with its reasons, also when it was to do nothing.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.detection import Words, broken, doubts, words
    from runbooks.durations import duration
    from runbooks.objection import WeighAnswer
    from runbooks.values import UnixTime
    from runbooks.vetoes import Snapshot
    from runbooks.watches import WatchInput, WatchState
    from workflows.chronicle import Chronicle
    from workflows.confirm import as_seen
    from workflows.posts import Posts
    from workflows.starting import asked, start_or_join
    from workflows.weighing import over_at, weighed

_UNTIL_GONE = timedelta(seconds=1)


@workflow.defn(name="watch")
class Watch:
    """One detector of one runbook: workflow id `evac/<runbook>/watch`."""

    @workflow.init
    def __init__(self, armed: WatchInput) -> None:
        self._in = armed
        self._book = armed.runbook
        self._posts = Posts(armed.runbook, armed.verdicts, armed.history, self._changed)
        self._started_for: set[str] = set(armed.started_for)
        self._again: set[str] = set(armed.again)
        self._standing: dict[str, UnixTime] = dict(armed.standing)
        self._due: dict[str, UnixTime] = {}
        self._chronicle = Chronicle(armed)
        self._last_run = armed.last_run
        self._news = True
        self._stopped = False

    @workflow.run
    async def run(self, armed: WatchInput) -> WatchState:
        """Watch until stopped. History grows with changes of verdict and with decisions, not with probes."""
        posts = [asyncio.create_task(self._posts.keep(vantage)) for vantage in armed.runbook.vantages()]
        while not self._over():
            await self._news_or_time()
            for region in self._book.regions:
                if not self._over():
                    await self._consider(region)
        for post in posts:
            post.cancel()
        await asyncio.gather(*posts, return_exceptions=True)
        await self._chronicle.settled()
        if not self._stopped:
            workflow.continue_as_new(self._carried())
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
        self._news = True

    @workflow.query
    def state(self) -> WatchState:
        """What is seen from where, and what was decided."""
        return WatchState(
            runbook=self._book.name,
            verdicts=self._posts.verdicts,
            events=self._chronicle.events,
            run=self._last_run,
            decisions=self._chronicle.decisions,
            decided=self._chronicle.decided,
        )

    def _over(self) -> bool:
        return self._stopped or workflow.info().is_continue_as_new_suggested()

    def _carried(self) -> WatchInput:
        changes = {
            "verdicts": self._posts.verdicts,
            "history": self._posts.newest_history(),
            "started_for": tuple(sorted(self._started_for)),
            "again": tuple(sorted(self._again)),
            "standing": dict(self._standing),
            "last_run": self._last_run,
            "decisions": self._chronicle.decisions,
            "decided": self._chronicle.decided,
            "events": self._chronicle.events,
        }
        return self._in.model_copy(update=changes)

    def _changed(self, text: str) -> None:
        """A vantage point says something else than before: every region is considered anew.

        What has ended is taken note of at once: it may have begun again before its turn comes.
        """
        self._news = True
        self._started_for -= {region for region in self._started_for if self._words(region).up}
        for region in [region for region in self._standing if not self._words(region).down]:
            del self._standing[region]
        self._chronicle.tell(text)

    async def _news_or_time(self) -> None:
        """Wait until something has changed, or a dwell or a veto is over."""
        due = min(self._due.values(), default=None)
        left = None if due is None else timedelta(seconds=max(0.0, due - workflow.time()))
        try:
            await workflow.wait_condition(
                lambda: self._news or self._over(), timeout=left, timeout_summary="a dwell or a veto is over"
            )
        except TimeoutError:
            return
        finally:
            self._news = False

    def _words(self, region: str) -> Words:
        return words(self._book, self._posts.verdicts, region)

    async def _consider(self, region: str) -> None:
        self._due.pop(region, None)
        seen = self._words(region)
        if region in self._started_for:
            return
        if not seen.down:
            self._nothing(seen)
            return
        since = self._standing.setdefault(region, workflow.time())
        ready = since + self._book.detect.dwell
        if workflow.time() < ready:
            self._due[region] = ready
            rule = f"it must stand for {duration(self._book.detect.dwell)} before anything is started"
            self._chronicle.decide(seen, "dwelling", (seen.count, rule))
            return
        await self._act(region, since)

    def _nothing(self, seen: Words) -> None:
        reasons = doubts(seen, broken(self._book, self._posts.verdicts)) if self._posts.all_reported else ()
        reasons = reasons or self._chronicle.calm(seen.region)
        if reasons:
            self._chronicle.decide(seen, "nothing", reasons)

    async def _act(self, region: str, since: UnixTime) -> None:
        if not self._in.start_failover:
            self._started_for.add(region)
            self._chronicle.decide(self._words(region), "reported", (self._why(region),))
            return
        if region in self._again:
            self._again.discard(region)
            await workflow.sleep(_UNTIL_GONE)  # the run that gave it back is about to end
        seen = self._posts.verdicts
        answer = await weighed(
            Snapshot(runbook=self._book, region=region, verdicts=seen, at=workflow.time(), since=since)
        )
        if self._stopped or not self._words(region).down:
            self._news = True  # it has come back in the meantime: that is considered, too
            return
        if answer.objections:
            self._vetoed(region, answer)
            return
        await self._start(region, answer.notes)

    def _vetoed(self, region: str, answer: WeighAnswer) -> None:
        """Nothing is started until something else is seen, or until the last of the vetoes is over."""
        over = over_at(answer)
        if over is not None:
            self._due[region] = over
        vetoes = tuple(objection.veto for objection in answer.objections)
        self._chronicle.decide(
            self._words(region), "vetoed", tuple(objection.sentence for objection in answer.objections), vetoes
        )

    async def _start(self, region: str, notes: tuple[str, ...]) -> None:
        why = self._why(region)
        self._started_for.add(region)
        run = await start_or_join(asked(self._in, region, why, self._words(region).bad, self._posts.history))
        if run is None:
            self._started_for.discard(region)
            self._news = True  # the run that was to be joined has ended in between: the next turn starts one
            return
        self._last_run = run or self._last_run
        self._chronicle.decide(self._words(region), "started" if run else "joined", (why, *notes))

    def _why(self, region: str) -> str:
        return as_seen(self._words(region).bad, region)
