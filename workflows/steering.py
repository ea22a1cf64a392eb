"""How people steer a run: triggers that join it, decisions that it judges, its state, and its story.

The part of every run that only talks; `run.py` is the part that works.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.milestones import serving_at
    from runbooks.models import PLANNED, Approval, Procedure
    from runbooks.runs import Decision, DecisionKind, Outcome, Phase, RunInput, RunState, StepState, Trigger
    from runbooks.values import UnixTime
    from workflows.approval import rule_for
    from workflows.confirm import first_bad
    from workflows.desk import Desk, Situation, person
    from workflows.house import House
    from workflows.losses import Losses
    from workflows.notices import Notices
    from workflows.planning import Planning
    from workflows.procedure import ProcedureRun
    from workflows.search_attributes import EVAC_OUTCOME, EVAC_PHASE
    from workflows.story import Story


_BY_ITSELF = frozenset({"watch", "alert"})
"""The kinds of triggers behind which something waits that asks again."""


class Steered:
    """One run of one runbook, as it is talked with."""

    def __init__(self, request: RunInput) -> None:
        self._in = request
        info = workflow.info()
        self._run = info.run_id
        self._started_at: UnixTime = info.workflow_start_time.timestamp()
        # Issued by the Temporal server's one clock, so a later run's is higher.
        epoch = max(int(self._started_at * 1000), request.carried.epoch + 1)
        self._desk = Desk(judged=list(request.carried.decisions))
        self._story = Story(events=list(request.carried.events))
        self._notices = Notices(request.runbook, self._run, epoch, live=True)
        self._phase = Phase.CONFIRMING
        self._outcome: Outcome | None = None
        self._message = ""
        self._verdicts = request.verdicts
        self._fault_at = first_bad(request.verdicts, request.source)
        self._house = House(self._run, epoch, request.runbook, self._desk, self, lambda: self._held)
        self._planning = Planning(request, self._house)
        self._procedure: ProcedureRun | None = None
        # What this run was asked for with came as a signal to the one before it, so it may be carried, too.
        self._triggers = [*(t for t in request.carried.triggers if t.id != request.trigger.id), request.trigger]
        self._asked = [request.trigger]
        """Who wants this very run: the first began it."""
        self._not_taken: list[Trigger] = []
        self._held = False
        self._decided_at: UnixTime | None = None
        self._expires_at: UnixTime | None = None
        self._confirm_until: UnixTime | None = None
        self._ended_at: UnixTime | None = None
        self._record = ""
        self._losses = Losses()

    @workflow.signal
    def trigger(self, trigger: Trigger) -> None:
        """Another request for this runbook: it joins the run, takes its place, or is kept as refused."""
        if any(known.id == trigger.id for known in self._triggers):
            return
        self._triggers.append(trigger)
        same = trigger.procedure == self._in.procedure and trigger.source in ("", self._in.source)
        by_itself = trigger.kind in _BY_ITSELF
        if self._in.procedure in PLANNED and trigger.procedure == Procedure.FAILOVER:
            self._desk.superseded = self._desk.superseded or trigger
            self.ask(f"{trigger.by} asked for a failover out of {trigger.source}: this {self._in.procedure} gives way")
            return
        if self._phase == Phase.ENDED:
            self.tell(f"{trigger.by} asked for a {trigger.procedure} after this run had ended: ask anew")
        elif same and by_itself and self._desk.aborted is not None:
            self.tell(f"{trigger.by} asked for a {trigger.procedure} while this run is being stopped: it asks anew")
        elif same:
            self._asked.append(trigger)
            self.tell(f"{trigger.by} joined the run: {trigger.reason or 'the same request'}")
            return
        else:
            asked = f"a {trigger.procedure} out of {trigger.source} asked by {trigger.by}"
            self.ask(f"Refused {asked}: this run is going")
        if by_itself:
            self._not_taken.append(trigger)

    @workflow.signal
    def decide(self, decision: Decision) -> None:
        """A person's decision. The run judges it; a refused one is kept with its reason."""
        refused = self._desk.receive(decision, self._situation())
        if refused is not None:
            self.tell(f"{decision.by} said {decision.kind}: refused, {refused}")
            return
        if decision.kind in (DecisionKind.HOLD, DecisionKind.RESUME):
            self._held = decision.kind == DecisionKind.HOLD
        why = f" ({decision.reason})" if decision.reason else ""
        self.tell(f"{decision.by} said {decision.kind}{why}")

    @workflow.signal
    def untold(self, why: str) -> None:
        """A live message cannot be kept: whoever looks at the run itself must know that others may not know of it."""
        self.tell(why)

    @workflow.query
    def state(self) -> RunState:
        """The run as it stands."""
        book, plan = self._in.runbook, self._planning.plan
        return RunState(
            runbook=book.name,
            procedure=self._in.procedure,
            run=self._run,
            source=self._in.source,
            target=plan.target if plan else self._in.target or "",
            phase=self._phase_now(),
            outcome=self._outcome,
            message=self._message_now(),
            rto=book.objectives.rto,
            rpo=book.objectives.rpo,
            fault_at=self._fault_at,
            triggered_at=self._in.trigger.at,
            started_at=self._started_at,
            decided_at=self._decided_at,
            serving_at=serving_at(plan, self._steps()) if plan else None,
            ended_at=self._ended_at,
            epoch=self._house.epoch,
            plan=plan,
            checksum=plan.checksum if plan else "",
            steps=tuple(self._steps().values()),
            estimate=self._planning.estimate,
            losses=tuple(self._losses.reports),
            approval=self._rule(),
            expires_at=self._expires_at,
            confirm_until=self._confirm_until,
            drill=self._in.drill,
            triggers=tuple(self._triggers),
            verdicts=self._verdicts,
            decisions=tuple(self._desk.judged),
            held=self._held,
            events=tuple(self._story.events),
            record=self._record,
        )

    def tell(self, text: str, step: str = "") -> None:
        """Keep a sentence of the run's story, and show it in Temporal's own page."""
        self._story.tell(workflow.time(), text, step)
        workflow.set_current_details(self._story.markdown())

    def ask(self, text: str, step: str = "") -> None:
        """A person is needed: keep the sentence and send it out."""
        self.tell(text, step)
        self._notices.send(text)

    def _enter(self, phase: Phase, message: str) -> None:
        self._phase = phase
        self._message = message
        workflow.upsert_search_attributes([EVAC_PHASE.value_set(phase)])
        self.tell(message)

    def _end(self, outcome: Outcome, message: str) -> None:
        self._outcome = outcome
        self._ended_at = workflow.time()
        self._enter(Phase.ENDED, message)
        workflow.upsert_search_attributes([EVAC_OUTCOME.value_set(outcome)])

    def _rule(self) -> Approval:
        """The approvals that this run needs."""
        return Approval(count=0) if self._in.covered_by else rule_for(self._policy(), self._asked)

    def _policy(self) -> Approval:
        procedure = Procedure.DRILL if self._in.drill else self._in.procedure
        return self._in.runbook.policy.of(procedure).approval

    def _steps(self) -> dict[str, StepState]:
        if self._procedure is not None:
            return self._procedure.states
        plan = self._planning.plan
        return {step.id: StepState(id=step.id) for step in plan.steps} if plan else {}

    def _message_now(self) -> str:
        refusing = self._planning.refusing if self._phase == Phase.PLANNING else ""
        return refusing or self._message

    def _phase_now(self) -> Phase:
        waits = self._procedure is not None and bool(self._procedure.board.waiting())
        return Phase.WAITING_FOR_PERSON if waits and self._phase in (Phase.RUNNING, Phase.UNDOING) else self._phase

    def _situation(self) -> Situation:
        rule = self._rule()
        return Situation(
            phase=self._phase,
            approval=rule,
            plan=self._planning.plan,
            steps=self._steps(),
            held=self._held,
            approvers=self._in.runbook.approvers(rule),
            past_return=self._procedure is not None and self._procedure.board.past_return(),
            wanted_by=tuple(dict.fromkeys(asked.by for asked in self._asked if asked.kind != "alert")),
            asked_by=frozenset(person(asked.by) for asked in self._triggers if asked.kind == "person"),
        )
