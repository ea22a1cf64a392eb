"""What every run of a plan has in common: observe, plan, ask, carry out, record; and how people steer it.

`failover.py`, `switchover.py` and `failback.py` say what is special about each.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from runbooks.plan import Plan, PlanError
    from runbooks.planner import Request, check_request
    from runbooks.runs import (
        Decision,
        DecisionKind,
        Outcome,
        Phase,
        RecordAnswer,
        RecordCall,
        RunInput,
        RunState,
        Status,
        StepState,
        Trigger,
    )
    from runbooks.values import UnixTime
    from workflows.approval import approved, awaited
    from workflows.confirm import first_bad
    from workflows.desk import Desk, Situation
    from workflows.ending import Ended
    from workflows.house import House
    from workflows.notices import Notices
    from workflows.planning import LOOK_AGAIN, Planning
    from workflows.procedure import ProcedureRun
    from workflows.retries import RECORDING
    from workflows.search_attributes import EVAC_OUTCOME, EVAC_PHASE, EVAC_TARGET
    from workflows.sentences import sentence
    from workflows.story import Story


class PlanRun:
    """One run of one runbook: workflow id `evac/<runbook>`, so there is one at a time, of whatever procedure."""

    def __init__(self, request: RunInput) -> None:
        self._in = request
        info = workflow.info()
        self._run = info.run_id
        self._started_at: UnixTime = info.workflow_start_time.timestamp()
        # Issued by the Temporal server's one clock, so a later run's is higher.
        self._epoch = int(self._started_at * 1000)
        self._desk = Desk()
        self._story = Story()
        self._notices = Notices(request.runbook, self._run, self._epoch)
        self._phase = Phase.CONFIRMING
        self._outcome: Outcome | None = None
        self._message = ""
        self._verdicts = request.verdicts
        self._fault_at = first_bad(request.verdicts, request.source)
        self._house = House(self._run, self._epoch, self._desk, self, lambda: self._held)
        self._planning = Planning(request, self._house)
        self._procedure: ProcedureRun | None = None
        self._triggers = [request.trigger]
        self._not_taken: list[Trigger] = []
        self._held = False
        self._decided_at: UnixTime | None = None
        self._ended_at: UnixTime | None = None
        self._record = ""

    async def _run_to_its_end(self) -> RunState:
        """Carry the procedure out. Never raises for what a person should read: the state says it."""
        request = self._in
        what = f"{request.procedure.capitalize()} of {request.runbook.name} out of {request.source}"
        self._say(f"{what}, asked by {request.trigger.by}")
        work = asyncio.create_task(self._to_its_end())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            # Cancelled in Temporal: it would cut steps off midway and end without a record, so it is taken as an abort.
            why = "the workflow was cancelled"
            at = workflow.time()
            self.decide(Decision(id=why, kind=DecisionKind.ABORT, by="Temporal", at=at, reason=why))
            await work
        return self.state()

    @workflow.signal
    def trigger(self, trigger: Trigger) -> None:
        """Another request for this runbook: it joins the run, or is kept as refused."""
        if any(known.id == trigger.id for known in self._triggers):
            return
        self._triggers.append(trigger)
        if self._phase == Phase.ENDED:
            self._say(f"{trigger.by} asked for a failover after this run had ended: ask anew")
        elif trigger.source in ("", self._in.source):
            self._say(f"{trigger.by} joined the run: {trigger.reason or 'the same request'}")
            return
        else:
            self.ask(f"Refused a failover out of {trigger.source} asked by {trigger.by}: this run is going")
        if trigger.kind == "watch":
            self._not_taken.append(trigger)

    @workflow.signal
    def decide(self, decision: Decision) -> None:
        """A person's decision. The run judges it; a refused one is kept with its reason."""
        refused = self._desk.receive(decision, self._situation())
        if refused is not None:
            self._say(f"{decision.by} said {decision.kind}: refused, {refused}")
            return
        if decision.kind in (DecisionKind.HOLD, DecisionKind.RESUME):
            self._held = decision.kind == DecisionKind.HOLD
        why = f" ({decision.reason})" if decision.reason else ""
        self._say(f"{decision.by} said {decision.kind}{why}")

    @workflow.query
    def state(self) -> RunState:
        """The run as it stands."""
        book = self._in.runbook
        return RunState(
            runbook=book.name,
            procedure=self._in.procedure,
            run=self._run,
            source=self._in.source,
            target=self._planning.plan.target if self._planning.plan else self._in.target or "",
            phase=self._phase_now(),
            outcome=self._outcome,
            message=self._message_now(),
            rto=book.objectives.rto,
            rpo=book.objectives.rpo,
            fault_at=self._fault_at,
            triggered_at=self._in.trigger.at,
            started_at=self._started_at,
            decided_at=self._decided_at,
            ended_at=self._ended_at,
            epoch=self._epoch,
            plan=self._planning.plan,
            checksum=self._planning.plan.checksum if self._planning.plan else "",
            steps=tuple(self._steps().values()),
            triggers=tuple(self._triggers),
            verdicts=self._verdicts,
            decisions=tuple(self._desk.judged),
            held=self._held,
            events=tuple(self._story.events),
            record=self._record,
        )

    async def _to_its_end(self) -> None:
        try:
            await self._recover()
        except Ended as end:
            self._end(end.outcome, end.message)
        await self._keep_record()
        await self._notices.settled()
        await workflow.wait_condition(workflow.all_handlers_finished)
        await self._hand_back()

    async def _recover(self) -> None:
        try:
            check_request(self._in.runbook, Request(source=self._in.source, target=self._in.target))
        except PlanError as error:
            raise Ended(Outcome.REFUSED, str(error)) from None
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
        self._enter(Phase.PLANNING, "Planning")
        plan = await self._planning.safe_plan(seen, self._fault_at)
        workflow.upsert_search_attributes([EVAC_TARGET.value_set(plan.target)])
        await self._ask(plan)
        self._decided_at = workflow.time()
        self._procedure = ProcedureRun(plan, self._house)
        self._enter(Phase.RUNNING, f"Carrying out plan {plan.checksum[:12]}")
        await self._procedure.carry_out()
        self._conclude(self._procedure)

    async def _premise(self) -> None:
        """Is the reason for this procedure true? Raises Ended when it is not."""
        raise NotImplementedError

    async def _ask(self, plan: Plan) -> None:
        """Wait for the approvals that the policy wants."""
        self._desk.raise_if_aborted()
        approval = self._in.runbook.policy.of(self._in.procedure).approval
        if approval.count == 0:
            self._say(f"Plan {plan.checksum[:12]} runs unasked, as the policy says")
            return
        self._enter(Phase.AWAITING_APPROVAL, awaited(plan, approval))
        self._notices.send(self._message)
        if not await approved(plan, approval, self._desk):
            self._say("Nobody answered in time: going on, as the policy says")

    def _conclude(self, procedure: ProcedureRun) -> None:
        states = procedure.states.values()
        left = [state.id for state in states if state.status == Status.NOT_RUN]
        if self._desk.aborted is not None and left:  # after the last step began, an abort comes too late
            done = [state.id for state in states if state.status == Status.DONE]
            message = f"{self._desk.aborted.by} aborted the run; not run: {', '.join(left)}"
            stays = f"; done, and left so: {', '.join(done)}" if done else ""
            self._end(Outcome.ABORTED, message + stays)
            return
        skipped = [state.id for state in states if state.status == Status.SKIPPED]
        if skipped:
            self._end(Outcome.APPLIED_NOT_CONFIRMED, f"Applied, not confirmed: skipped {', '.join(skipped)}")
            return
        assert self._planning.plan is not None
        since = self._in.trigger.at if self._fault_at is None else self._fault_at
        what = "it was asked for" if self._fault_at is None else "the fault was first seen"
        took = f"{workflow.time() - since:.1f} s after {what}"
        self._end(Outcome.RECOVERED, f"{self._in.runbook.name} serves from {self._planning.plan.target}; {took}")

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
            self._say(f"The record could not be written: {sentence(error)}")
            return
        self._record = answer.location

    async def _hand_back(self) -> None:
        """What the detector asked for and this run did not take is its own again: nobody else would ask anew."""
        while self._not_taken:
            region = self._not_taken.pop(0).source
            watch = workflow.get_external_workflow_handle(f"{workflow.info().workflow_id}/watch")
            try:
                await watch.signal("not_taken", region)
            except ApplicationError:
                self._say(f"The detector is gone: nobody asks again for a failover out of {region}")

    def _end(self, outcome: Outcome, message: str) -> None:
        self._outcome = outcome
        self._ended_at = workflow.time()
        self._enter(Phase.ENDED, message)
        workflow.upsert_search_attributes([EVAC_OUTCOME.value_set(outcome)])

    def _enter(self, phase: Phase, message: str) -> None:
        self._phase = phase
        self._message = message
        workflow.upsert_search_attributes([EVAC_PHASE.value_set(phase)])
        self._say(message)

    def _say(self, text: str) -> None:
        self.tell(text)

    def tell(self, text: str, step: str = "") -> None:
        """Keep a sentence of the run's story, and show it in Temporal's own page."""
        self._story.tell(workflow.time(), text, step)
        workflow.set_current_details(self._story.markdown())

    def ask(self, text: str, step: str = "") -> None:
        """A person is needed: keep the sentence and send it out."""
        self.tell(text, step)
        self._notices.send(text)

    def _steps(self) -> dict[str, StepState]:
        if self._procedure is not None:
            return self._procedure.states
        plan = self._planning.plan
        return {step.id: StepState(id=step.id) for step in plan.steps} if plan else {}

    def _message_now(self) -> str:
        refusing = self._planning.refusing if self._phase == Phase.PLANNING else ""
        return refusing or self._message

    def _phase_now(self) -> Phase:
        waiting = self._phase == Phase.RUNNING and self._procedure is not None and self._procedure.waiting()
        return Phase.WAITING_FOR_PERSON if waiting else self._phase

    def _situation(self) -> Situation:
        approval = self._in.runbook.policy.of(self._in.procedure).approval
        return Situation(self._phase, approval, self._planning.plan, self._steps(), self._held)
