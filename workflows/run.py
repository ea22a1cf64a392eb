"""What every run of a plan does: observe, plan, ask, carry out, confirm, record; or undo, or give way.

`failover.py`, `switchover.py` and `failback.py` say what is special about each; `steering.py` is how people steer it.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.durations import duration
    from runbooks.milestones import serving_at
    from runbooks.models import PLANNED
    from runbooks.plan import Plan, PlanError
    from runbooks.planner import Request, check_request
    from runbooks.run_calls import RecordAnswer, RecordCall
    from runbooks.runs import Carried, Decision, DecisionKind, Outcome, Phase, RunInput, RunState, Status
    from workflows.approval import approved, awaited
    from workflows.continuing import as_failover, way_back
    from workflows.ending import Ended
    from workflows.handing_back import hand_back, say_unanswered
    from workflows.locks import Held, acquire, release, shared
    from workflows.losses import grown
    from workflows.planning import LOOK_AGAIN
    from workflows.procedure import ProcedureRun
    from workflows.retries import RECORDING
    from workflows.search_attributes import EVAC_TARGET
    from workflows.sentences import sentence
    from workflows.steering import Steered

_NAMED = 4
_UNCHANGED = 2.0
"""Seconds for which what was seen at planning may be taken for what is so at the approval."""


class PlanRun(Steered):
    """One run of one runbook: workflow id `evac/<runbook>`, so there is one at a time, of whatever procedure."""

    _locks: tuple[Held, ...] | None = None
    _unconfirmed: str = ""
    """Why what was moved goes back."""

    async def _run_to_its_end(self) -> RunState:
        """Carry the procedure out. Never raises for what a person should read: the state says it."""
        request = self._in
        what = f"{request.procedure.capitalize()} of {request.runbook.name} out of {request.source}"
        self.tell(f"{what}, asked by {request.trigger.by}")
        self._notices.follow()
        work = asyncio.create_task(self._to_its_end())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            # Cancelled in Temporal: it would cut steps off midway and end without a record, so it is taken as an abort.
            why = "the workflow was cancelled"
            at = workflow.time()
            self.decide(Decision(id=why, kind=DecisionKind.ABORT, by="Temporal", at=at, reason=why))
            await work
        following = self._following()
        if following is not None:
            workflow.continue_as_new(workflow=following.procedure.value, args=[following])
        return self.state()

    def _following(self) -> RunInput | None:
        """What this run goes on as, under the same id."""
        plan = self._planning.plan
        if self._desk.superseded is not None:
            return as_failover(self._in, self._desk.superseded, self._carried())
        if self._unconfirmed and plan is not None:
            return way_back(self._in, plan, workflow.time(), self._unconfirmed, self._carried())
        return None

    async def _premise(self) -> None:
        """Is the reason for this procedure true? Raises Ended when it is not."""
        raise NotImplementedError

    async def _to_its_end(self) -> None:
        try:
            await self._work()
        except Ended as end:
            self._end(end.outcome, end.message)
        await release(self._locks or ())
        await self._keep_record()
        await self._notices.settled()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._outcome == Outcome.EXPIRED:
            await say_unanswered(self._asked)
        await hand_back(self._not_taken, self.tell)

    async def _work(self) -> None:
        try:
            check_request(self._in.runbook, Request(source=self._in.source, target=self._in.target))
        except PlanError as error:
            raise Ended(Outcome.REFUSED, str(error)) from None
        plan = await self._decided()
        self._decided_at = workflow.time()
        self._procedure = ProcedureRun(plan, self._house)
        self._enter(Phase.RUNNING, f"Carrying out plan {plan.checksum[:12]}")
        await self._procedure.carry_out()
        assert self._planning.facts is not None
        self._losses.measured(plan, self._planning.facts, self._procedure.states)
        if self._desk.stopping():
            await self._stopped(self._procedure)
        await self._confirmed(plan)
        self._conclude(self._procedure, plan)

    async def _decided(self) -> Plan:
        """The plan that may be run: confirmed, observed, planned, approved, and still true when it was approved."""
        looked_at = workflow.time()
        readings = asyncio.create_task(self._planning.observe())
        try:
            await self._premise()
        except Ended:
            readings.cancel()
            raise
        self._enter(Phase.OBSERVING, "Looking at every resource in every region")
        seen = await readings
        if workflow.time() - looked_at > LOOK_AGAIN:
            seen = await self._planning.observe()  # confirming took so long that the readings are about to be too old
        while True:
            self._enter(Phase.PLANNING, "Planning")
            plan = await self._planning.safe_plan(seen, self._fault_at)
            planned_at = workflow.time()
            self._losses.stated(plan, "planned")
            workflow.upsert_search_attributes([EVAC_TARGET.value_set(plan.target)])
            await self._ask(plan)
            await self._lock()
            if workflow.time() - planned_at <= _UNCHANGED:
                return plan
            seen = await self._planning.observe()
            now = await self._planning.planned(seen, self._fault_at)
            changed = grown(plan, now)
            if changed is None:
                self._losses.stated(now, "approved")
                return plan
            self.ask(f"It is not as it was when plan {plan.checksum[:12]} was made, so it is planned anew: {changed}")
            self._desk.approvers.clear()

    async def _lock(self) -> None:
        """Take the locks on what this runbook shares with others; they may have changed it meanwhile."""
        if self._locks is None:
            what = f"{self._in.procedure} of {self._in.runbook.name} out of {self._in.source}"
            self._locks = await acquire(shared(self._in.runbook), what, self.ask, self._desk.stopping)
        self._desk.raise_if_stopped()

    async def _ask(self, plan: Plan) -> None:
        """Wait for the approvals that the policy wants."""
        self._desk.raise_if_stopped()
        rule = self._rule()
        if rule.count == 0:
            self.tell(f"Plan {plan.checksum[:12]} runs unasked, {self._unasked()}")
            return
        self._expires_at = workflow.time() + rule.timeout
        self._enter(Phase.AWAITING_APPROVAL, awaited(plan, rule))
        self._notices.send(self._message)
        if not await approved(plan, self._rule, self._desk):
            self.tell("Nobody vetoed in time: going on, as the policy says")
        elif len(self._desk.approvers) < rule.count:
            self.tell(f"Plan {plan.checksum[:12]} goes on unasked, {self._unasked()}")

    def _unasked(self) -> str:
        """Why nobody is asked."""
        if self._in.covered_by:
            return f"covered by {self._in.covered_by}"
        by_alerts = self._rule() != self._policy()
        return "as the rule of the alerts says" if by_alerts else "as the policy says"

    async def _stopped(self, procedure: ProcedureRun) -> None:
        """Aborted, or superseded: undo what was done, unless a step was begun that cannot be undone. Raises Ended."""
        left = [state.id for state in procedure.states.values() if state.status == Status.NOT_RUN]
        by = "the failover" if self._desk.superseded else self._desk.aborted.by if self._desk.aborted else ""
        if not left:
            return  # after the last step began, an abort comes too late
        outcome = Outcome.SUPERSEDED if self._desk.superseded else Outcome.ABORTED
        message = f"{by} stopped the run; not run: {_few(left)}"
        done = [state.id for state in procedure.states.values() if state.status == Status.DONE]
        if procedure.board.past_return() or self._desk.superseded:
            # What a failover needs undone it finds and does itself: time counts, and its fence may be this one.
            stays = f"; done, and left so: {_few(done)}" if done else ""
            raise Ended(outcome, message + stays)
        undone = procedure.undoing.steps()
        if undone:
            self._enter(Phase.UNDOING, f"{by} aborted the run before its point of no return: undoing what was done")
            await procedure.undoing.undo()
        states = procedure.states.values()
        back = [state.id for state in states if state.status == Status.UNDONE]
        left_so = [state.id for state in states if state.status in (Status.DONE, Status.SKIPPED)]
        message += f"; undone: {_few(back)}" if back else ""
        message += f"; done, and left so: {_few(left_so)}" if left_so else ""
        raise Ended(outcome, message)

    async def _confirmed(self, plan: Plan) -> None:
        """`commit_within`: what was moved stays only if a person says so in time. Raises Ended when it goes back."""
        within = self._in.runbook.policy.of(self._in.procedure).commit_within
        if within is None or self._in.procedure not in PLANNED or self._in.drill or self._in.covered_by:
            return
        self._confirm_until = workflow.time() + within
        message = f"Everything has moved to {plan.target}. It goes back in {duration(within)} unless confirmed"
        self._enter(Phase.AWAITING_CONFIRMATION, message)
        self._notices.send(message)
        try:
            await workflow.wait_condition(
                lambda: self._desk.confirmed is not None or self._desk.stopping(),
                timeout=timedelta(seconds=within),
                timeout_summary="confirmation expires",
            )
        except TimeoutError:
            why = f"nobody confirmed within {duration(within)}"
        else:
            if self._desk.confirmed is not None:
                return
            self._desk.raise_if_superseded()
            why = f"{self._desk.aborted.by if self._desk.aborted else 'somebody'} aborted it"
        self._unconfirmed = why
        raise Ended(Outcome.ABORTED, f"Everything goes back to {plan.source}: {why}")

    def _conclude(self, procedure: ProcedureRun, plan: Plan) -> None:
        skipped = [state.id for state in procedure.states.values() if state.status == Status.SKIPPED]
        if skipped:
            self._end(Outcome.APPLIED_NOT_CONFIRMED, f"Applied, not confirmed: skipped {', '.join(skipped)}")
            return
        since = self._in.trigger.at if self._fault_at is None else self._fault_at
        what = "it was asked for" if self._fault_at is None else "the fault was first seen"
        serving = serving_at(plan, procedure.states) or workflow.time()
        took = f"{serving - since:.1f} s after {what}"
        outcome = Outcome.COMPLETED if self._in.procedure in PLANNED else Outcome.RECOVERED
        self._end(outcome, f"{self._in.runbook.name} serves from {plan.target}; {took}")

    def _carried(self) -> Carried:
        """What the next run must know, so that nothing is counted twice."""
        return Carried(
            decisions=tuple(self._desk.judged),
            triggers=tuple(self._triggers),
            events=tuple(self._story.events),
            epoch=self._house.epoch,
        )

    async def _keep_record(self) -> None:
        self._notices.send(f"{self._outcome}: {self._message}")
        call = RecordCall(
            state=self.state(), text=self._in.text, workflow_id=workflow.info().workflow_id, run_id=self._run
        )
        try:
            answer: RecordAnswer = await workflow.execute_activity(
                "record",
                call,
                result_type=RecordAnswer,
                summary="Write the run's record",
                start_to_close_timeout=RECORDING.attempt,
                retry_policy=RECORDING.policy(),
            )
        except ActivityError as error:
            self.tell(f"The record could not be written: {sentence(error)}")
            return
        self._record = answer.location


def _few(ids: list[str]) -> str:
    """The first ones, and how many more: a sentence is read under stress, and the steps themselves say the rest."""
    more = len(ids) - _NAMED
    return ", ".join(ids[:_NAMED]) + (f" and {more} more" if more > 0 else "")
