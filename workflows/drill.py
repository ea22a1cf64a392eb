"""Drill: the system moves out, serves from elsewhere for a while, and comes home; the verdict is measured.

When disaster strikes meanwhile the drill ends at once: the leg has gone on as the real failover, and nothing is
moved home against it.
"""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.drills import GOOD, DrillInput, DrillOutcome, DrillPhase, DrillReport, DrillState, Soak
    from runbooks.facts import Facts
    from runbooks.homeward import way_home
    from runbooks.legs import moved, public_steps
    from runbooks.models import Procedure
    from runbooks.probes import observations
    from runbooks.runs import Decision, DecisionKind, Judged, Outcome, RunState
    from runbooks.verdict import verdict
    from workflows.composite import Composite, about
    from workflows.course import Course, DrillEnded
    from workflows.leg import Legs
    from workflows.notices import Notices
    from workflows.observing import observed
    from workflows.soak import Soaking

_NOTHING_DONE = (Outcome.REFUSED, Outcome.REJECTED, Outcome.EXPIRED)


@workflow.defn(name="drill")
class Drill(Composite):
    """One drill of one runbook: workflow id `evac/<runbook>/drill`."""

    @workflow.init
    def __init__(self, request: DrillInput) -> None:
        super().__init__()
        self._in = request
        self._book = request.runbook
        self._phase = DrillPhase.REHEARSAL if request.the_mode == "isolated" else DrillPhase.OUT
        self._outcome: DrillOutcome | None = None
        self._message = ""
        self._soaking: Soaking | None = None
        self._report: DrillReport | None = None
        self._judged: list[Judged] = []
        self._course = Course()
        self._legs = Legs(request, self._id, self._course, self.tell)
        self._notices = Notices(request.runbook, self._run, 0)

    @workflow.run
    async def run(self, request: DrillInput) -> DrillState:
        """Carry the drill out. Never raises for what a person should read: the state says it."""
        del request
        work = asyncio.create_task(self._to_its_end())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            why = "the workflow was cancelled"
            self.decide(Decision(id=why, kind=DecisionKind.ABORT, by="Temporal", at=workflow.time(), reason=why))
            await work
        return self.state()

    @workflow.signal
    def decide(self, decision: Decision) -> None:
        """A person's decision: `abort` ends the leg that is going; while the system serves away, it leads home."""
        refused = self._why_not(decision)
        self._judged.append(Judged(decision=decision, refused=refused))
        if refused is not None:
            self.tell(f"{decision.by} said {decision.kind}: refused, {refused}")
            return
        self._course.aborted = decision
        self.tell(f"{decision.by} said abort{f' ({decision.reason})' if decision.reason else ''}")

    @workflow.signal
    def superseded(self, why: str) -> None:
        """Disaster has struck: what is going is the real failover."""
        if self._phase != DrillPhase.ENDED:
            self._course.turned = why or "a real failover was started"

    @workflow.query
    def state(self) -> DrillState:
        """The drill as it stands."""
        soaking = self._soaking
        return DrillState(
            runbook=self._book.name,
            run=self._run,
            mode=self._in.the_mode,
            phase=self._phase,
            outcome=self._outcome,
            message=self._message,
            source=self._in.home,
            target=self._legs.done[0].target if self._legs.done else self._in.target or "",
            soak_until=soaking.until if soaking else None,
            started_at=self._started_at,
            ended_at=self._ended_at,
            legs=self._legs.all(),
            soak=soaking.report if soaking else None,
            report=self._report,
            decisions=tuple(self._judged),
            events=tuple(self._story.events),
            record=self._record,
        )

    async def _to_its_end(self) -> None:
        kind = "An isolated drill" if self._in.the_mode == "isolated" else "A drill"
        self._enter(self._phase, f"{kind} of {self._book.name} out of {self._in.home}, asked by {self._in.trigger.by}")
        self._notices.send(self._message)
        try:
            await (self._rehearse() if self._in.the_mode == "isolated" else self._there_and_back())
            outcome, message = self._judge()
        except DrillEnded as end:
            outcome, message = end.outcome, end.message
        report = self._report or verdict(self._book, tuple(self._legs.done), self._soak_report(), self._in.the_mode)
        passed = outcome == DrillOutcome.PASSED
        sentences = report.sentences if passed or message in report.sentences else (message, *report.sentences)
        self._report = report.model_copy(update={"passed": passed, "sentences": sentences})
        self._outcome = outcome
        self._outcome_is(outcome)
        self._enter(DrillPhase.ENDED, message)
        told = "; ".join(dict.fromkeys((message, *sentences)))
        self._notices.send(f"Drill of {self._book.name} {outcome}: {told}")
        subject = about(self._book, self._in.text)
        await self._keep(Procedure.DRILL, self.state(), passed=passed, mode=self._in.the_mode, **subject)
        await self._notices.settled()
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _judge(self) -> tuple[DrillOutcome, str]:
        self._report = verdict(self._book, tuple(self._legs.done), self._soak_report(), self._in.the_mode)
        if self._course.aborted is not None:
            message = f"{self._course.aborted.by} aborted the drill. {self._report.sentences[-1]}"
            return DrillOutcome.ABORTED, message
        if self._report.passed:
            return DrillOutcome.PASSED, "The drill passed"
        return DrillOutcome.FAILED, "The drill did not pass"

    async def _rehearse(self) -> None:
        state = await self._legs.carry_out("rehearsal", Procedure.DRILL, self._in.home, self._in.target)
        if state.outcome in (*_NOTHING_DONE, Outcome.ABORTED):
            self._raise_for(state)

    async def _there_and_back(self) -> None:
        out = await self._legs.carry_out("out", Procedure.SWITCHOVER, self._in.home, self._in.target)
        if out.outcome in GOOD:
            if self._course.aborted is None:
                await self._soak(out)
        elif out.outcome != Outcome.APPLIED_NOT_CONFIRMED:
            self._raise_for(out)
        await self._legs.look(expected=None)
        self._course.raise_if_not_ours()
        self._enter(DrillPhase.HOME, f"Going home to {self._in.home}")
        readings = await observed(observations(self._book), self._book.name)
        procedure, why = way_home(self._book, self._in.home, Facts(at=workflow.time(), readings=readings))
        self.tell(why[0].upper() + why[1:])
        home = await self._legs.carry_out("home", procedure, out.target, self._in.home)
        if home.outcome not in GOOD:
            self._notices.send(f"The drill of {self._book.name} did not come home: {home.message}")

    async def _soak(self, out: RunState) -> None:
        steps = public_steps(out.plan) if out.plan else ()
        calls = tuple(step.call(self._book.name, self._run, self._epoch) for step in steps)
        self._soaking = Soaking(self._book, calls, self._in.the_soak, self.tell)
        self._enter(DrillPhase.SOAK, f"{self._book.name} serves from {out.target}")
        lookout = asyncio.create_task(self._legs.look_out(expected=None))
        await self._soaking.watch(self._course.over)
        lookout.cancel()

    def _raise_for(self, state: RunState) -> None:
        left = f"; {self._book.name} is left as it is: look at it before anything else" if moved(state) else ""
        if state.outcome == Outcome.ABORTED:
            raise DrillEnded(DrillOutcome.ABORTED, f"{state.message}{left}")
        outcome = DrillOutcome.FAILED if moved(state) else DrillOutcome.REFUSED
        raise DrillEnded(outcome, f"{state.message}{left}")

    def _why_not(self, decision: Decision) -> str | None:
        if any(kept.decision.id == decision.id for kept in self._judged):
            return "this decision has been counted already"
        if self._phase == DrillPhase.ENDED:
            return "the drill has ended"
        if decision.kind != DecisionKind.ABORT:
            return f"a drill takes only abort; say {decision.kind} to its run, evac/{self._book.name}"
        if self._course.aborted is not None:
            return f"it is being aborted already; abort its run, evac/{self._book.name}, to stop that where it is"
        return None

    def _soak_report(self) -> Soak | None:
        return self._soaking.report if self._soaking else None

    def _enter(self, phase: DrillPhase, message: str) -> None:
        self._phase = phase
        self._message = message
        self._phase_is(phase)
        self.tell(message)
