"""Alerts: weighs what stands of a runbook's alerts, and starts, joins or stops a run. Evidence, never an order.

A failover begins only when the vantage points see the region down, too. Every decision is kept with its reasons, also
when it was to do nothing. It ends when nothing has stood for a while; the next alert starts it again.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.alerts import AlertSignal, AlertsInput, AlertsState
    from runbooks.durations import duration
    from runbooks.evidence import Claim, aged, begun_by, claims, covered, heard, still_of, unanswered
    from runbooks.objection import Action
    from runbooks.values import UnixTime
    from runbooks.words import clock
    from workflows.alarming import Weighed, ask_for, ask_to_stop, weighed_for
    from workflows.chronicle import Chronicle
    from workflows.weighing import over_at

LOOK_AGAIN = 15.0
_RARER = 10
"""What ends without a sign is looked at again, the rarer the longer it lasts."""
_UNTIL_GONE = timedelta(seconds=1)
_OVER = "all of its alerts are resolved"
_SAID: dict[Action, str] = {
    "started": "alerts fire, a run was started",
    "joined": "alerts fire, handed to the run that is going",
    "vetoed": "alerts fire, and nothing is started",
    "dwelling": "alerts fire, waiting",
    "reported": "alerts are over",
    "nothing": "nothing is done",
}


@workflow.defn(name="alerts")
class Alerts:
    """The alerts of one runbook: workflow id `evac/<runbook>/alerts`."""

    @workflow.init
    def __init__(self, given: AlertsInput) -> None:
        self._in = given
        self._book = given.runbook
        self._known = still_of(given.runbook, given.evidence)
        self._begun = {region: begun for region, begun in given.begun.items() if region in given.runbook.regions}
        self._again = set(given.again)
        self._last_run = given.last_run
        self._chronicle = Chronicle(given, _SAID)
        self._pending: list[AlertSignal] = []
        """What came with a newer text of the runbook, and after it: that text judges it, in the next leg."""
        self._due: dict[str, UnixTime] = {}
        self._refused: dict[str, Claim] = {}
        """What was weighed, and is not to be started yet."""
        self._starting: set[str] = set()
        """Regions whose run has been asked for, and may be going already: nobody has said so yet."""
        self._early: set[str] = set()
        """Those of them whose run was over before that was known."""
        self._quiet_since = workflow.time()
        self._news = True
        for signal in given.pending:
            self._take(signal)

    @workflow.run
    async def run(self, given: AlertsInput) -> AlertsState:
        """Weigh until nothing has stood for a while."""
        del given
        while not self._leg_over():
            self._known = aged(self._known, workflow.time())
            await asyncio.gather(*(self._consider(region) for region in self._book.regions))
            if self._known.standing or self._begun:
                self._quiet_since = workflow.time()
            elif workflow.time() >= self._quiet_since + self._in.lingers:
                break
            await self._news_or_time()
        await self._chronicle.settled()
        if self._leg_over() or self._known.standing:
            self._go_on()
        return self.state()

    @workflow.signal
    def hear(self, signal: AlertSignal) -> None:
        """Alerts, as a door has taken them in."""
        self._take(signal)
        self._news = True

    @workflow.signal
    def not_taken(self, region: str) -> None:
        """A run that was told of alerts left another region, or was about to end: ask for one anew."""
        if self._begun.pop(region, None) is not None:
            self._again.add(region)
            self._news = True

    @workflow.signal
    def unanswered(self, region: str) -> None:
        """A run that alerts had asked for has ended, since nobody approved it in time: silence is a no for a while."""
        if region in self._starting:
            self._early.add(region)
            return
        begun = self._begun.get(region)
        if begun is None or begun.again_at is not None:
            return
        later = unanswered(begun, workflow.time(), self._in.patience)
        if later is None or later.again_at is None:
            then = f"that was asked {begun.asked} times: nothing is asked any more until these alerts are over"
        else:
            self._begun[region] = later
            then = f"while alerts fire, it is asked again at {clock(later.again_at)}"
        self._chronicle.keep(region, "vetoed", (f"nobody answered the {begun.start} in time; {then}",), ("unanswered",))
        self._news = True

    @workflow.query
    def state(self) -> AlertsState:
        """What stands, and what was decided."""
        return AlertsState(
            runbook=self._book.name,
            standing=tuple(self._known.standing.values()),
            counted=self._known.counted,
            begun=self._begun,
            run=self._last_run,
            decisions=self._chronicle.decisions,
            decided=self._chronicle.decided,
            events=self._chronicle.events,
        )

    def _take(self, signal: AlertSignal) -> None:
        newer = signal.runbook is not None and (signal.runbook, signal.text) != (self._book, self._in.text)
        if newer or self._pending:
            self._pending.append(signal)
            return
        for alert in signal.alerts:
            self._known = heard(self._known, alert, signal.proof)

    def _leg_over(self) -> bool:
        return bool(self._pending) or workflow.info().is_continue_as_new_suggested()

    def _go_on(self) -> None:
        """Go on as a new leg, with all that is known; a newer text of the runbook judges from there on."""
        newer = next((signal for signal in self._pending if signal.runbook is not None), None)
        if newer is not None:
            self._chronicle.tell("The runbook was changed: from here on its newer text judges")
        changes = {
            "evidence": self._known,
            "pending": tuple(self._pending),
            "begun": self._begun,
            "again": tuple(sorted(self._again)),
            "last_run": self._last_run,
            "decisions": self._chronicle.decisions,
            "decided": self._chronicle.decided,
            "events": self._chronicle.events,
        }
        text = {} if newer is None else {"runbook": newer.runbook, "text": newer.text}
        workflow.continue_as_new(self._in.model_copy(update={**changes, **text}))

    async def _news_or_time(self) -> None:
        """Wait until something has come, or something is due."""
        due = min(self._due.values(), default=self._quiet_since + self._in.lingers)
        try:
            await workflow.wait_condition(
                lambda: self._news or self._leg_over(),
                timeout=timedelta(seconds=max(0.0, due - workflow.time())),
                timeout_summary="look again, or end",
            )
        except TimeoutError:
            return
        finally:
            self._news = False

    async def _consider(self, region: str) -> None:
        """Act on what is claimed for the region, or keep why not."""
        found = claims(self._book, self._known, region, workflow.time())
        begun = self._begun.get(region)
        left = [claim for claim in found if not covered(claim, begun, workflow.time())]
        if not found:
            await self._over(region)
        if not left:
            self._forget(region)
        elif (waits := self._waits(left[0])) is not None:
            self._forget(region)
            if region not in self._begun:  # what was begun is not taken back by what else might be
                self._decide(left[0], *waits)
        elif self._is_new(left[0]) or workflow.time() >= self._due.get(region, 0.0):
            self._forget(region)
            await self._act(left[0])
        if begun is not None and begun.again_at is not None and begun.again_at > workflow.time():
            self._due[region] = min(begun.again_at, self._due.get(region, begun.again_at))
        ready = [claim.ready_at for claim in left if claim.awaited is None and claim.ready_at > workflow.time()]
        if ready:
            self._due[region] = min(*ready, self._due.get(region, ready[0]))

    def _is_new(self, claim: Claim) -> bool:
        refused = self._refused.get(claim.region)
        return refused is None or not refused.same(claim)

    def _forget(self, region: str) -> None:
        self._due.pop(region, None)
        self._refused.pop(region, None)

    def _waits(self, claim: Claim) -> tuple[Action, tuple[str, ...]] | None:
        """Why it is too early, as a decision; None when it is not."""
        if claim.awaited is not None:
            return "nothing", (claim.awaited,)
        if workflow.time() < claim.ready_at:
            return "dwelling", (
                claim.said,
                f"it must stand for {duration(claim.rule.dwell)} before anything is started",
            )
        return None

    async def _act(self, claim: Claim) -> None:
        region = claim.region
        if region in self._again:
            self._again.discard(region)
            await workflow.sleep(_UNTIL_GONE)  # the run that gave it back is about to end
        found = await weighed_for(self._book, claim)
        now = claims(self._book, self._known, region, workflow.time())
        if not any(still.rule == claim.rule and still.awaited is None for still in now):
            self._news = True  # it is over in the meantime: that is considered, too
        elif found.answer.objections:
            self._vetoed(claim, found)
        else:
            await self._start(claim, found)

    def _vetoed(self, claim: Claim, found: Weighed) -> None:
        """Nothing is started until more is heard, or until it is looked at again."""
        again = workflow.time() + max(LOOK_AGAIN, (workflow.time() - claim.since) / _RARER)
        self._due[claim.region] = over_at(found.answer) or again
        self._refused[claim.region] = claim
        objections = found.answer.objections
        reasons = (claim.said, *(objection.sentence for objection in objections))
        self._decide(claim, "vetoed", reasons, tuple(objection.veto for objection in objections), found.seen.seen_by)

    async def _start(self, claim: Claim, found: Weighed) -> None:
        self._begun[claim.region] = begun = begun_by(claim, self._begun.get(claim.region))
        self._starting.add(claim.region)
        run = await ask_for(self._book, self._in.text, claim, found)
        self._starting.discard(claim.region)
        if run is None:
            self._begun.pop(claim.region, None)
            self._early.discard(claim.region)
            self._news = True  # the run that was to be joined has ended in between: the next turn starts one
            return
        if run and claim.region in self._begun:  # else it was given back already
            self._begun[claim.region] = begun.model_copy(update={"run": run})
        self._last_run = run or self._last_run
        action: Action = "started" if run else "joined"
        self._decide(claim, action, (claim.said, *found.answer.notes), seen_by=found.seen.seen_by)
        if claim.region in self._early:  # a run can be over in the time that it takes to hear that it has begun
            self._early.discard(claim.region)
            self.unanswered(claim.region)

    async def _over(self, region: str) -> None:
        """None of the region's alerts stands any more."""
        begun = self._begun.pop(region, None)
        self._again.discard(region)
        if begun is not None:
            told = "its run is left alone" if begun.again_at is None else "nobody had answered"
            if begun.stop and begun.run:
                told = await ask_to_stop(self._book.name, begun)
            self._chronicle.keep(region, "reported", (_OVER, told))
        elif self._chronicle.open(region):
            self._chronicle.keep(region, "nothing", (_OVER,))

    def _decide(
        self,
        claim: Claim,
        action: Action,
        reasons: tuple[str, ...],
        vetoes: tuple[str, ...] = (),
        seen_by: tuple[str, ...] = (),
    ) -> None:
        self._chronicle.keep(claim.region, action, reasons, vetoes, seen_by)
