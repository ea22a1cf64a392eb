"""Runs of a plan as a drill and an evacuation know them: by type, id and models. They move a world, and do as told."""

import contextlib
from datetime import timedelta

from temporalio import workflow

from runbooks.drills import GOOD
from runbooks.loss import LossReport
from runbooks.models import Procedure
from runbooks.plan import Loss, Plan, Step
from runbooks.runs import (
    Decision,
    DecisionKind,
    Outcome,
    Phase,
    RunInput,
    RunState,
    Status,
    StepState,
    Trigger,
)
from runbooks.steps import StepResult, Verb
from runbooks.values import Model, Seconds

_PATIENCE = timedelta(seconds=10)
_PUBLIC = {"target": "public"}


class Script(Model):
    """How the next run goes: `holds` until it is aborted or becomes a failover; else it takes `seconds`."""

    holds: bool = False
    seconds: Seconds = 0.0
    outcome: Outcome = Outcome.COMPLETED
    message: str = "as told"
    lost: int = 0


class Moved(Model):
    """Where the world stands after the run: who took over."""

    target: str


class _Run:
    def __init__(self, request: RunInput) -> None:
        self._in = request
        self._aborted: Decision | None = None
        self._failover: Trigger | None = None
        self._triggers = [request.trigger]
        self._began = workflow.time()

    async def _go(self) -> RunState:
        script = await self._asked("fake.begin", Script)
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._aborted is not None or self._failover is not None,
                timeout=None if script.holds else timedelta(seconds=script.seconds),
            )
        if self._failover is not None:
            request = self._in.model_copy(
                update={"procedure": Procedure.FAILOVER, "source": self._failover.source, "trigger": self._failover}
            )
            workflow.continue_as_new(request, workflow="failover")
        if self._aborted is not None:
            return self._ended(Outcome.ABORTED, f"{self._aborted.by} aborted the run", self._in.target or "")
        if script.outcome not in (*GOOD, Outcome.APPLIED_NOT_CONFIRMED):
            return self._ended(script.outcome, script.message, self._in.target or "")
        moved = await self._asked("fake.move", Moved)
        return self._ended(script.outcome, script.message, moved.target, script.lost)

    async def _asked(self, name: str, kind: type[Model]) -> "Script | Moved":
        answer: Script | Moved = await workflow.execute_activity(
            name, self._in, result_type=kind, start_to_close_timeout=_PATIENCE
        )
        return answer

    @workflow.signal
    def trigger(self, trigger: Trigger) -> None:
        """A failover takes precedence over what is planned."""
        self._triggers.append(trigger)
        if trigger.procedure == Procedure.FAILOVER and self._in.procedure != Procedure.FAILOVER:
            self._failover = trigger

    @workflow.signal
    def decide(self, decision: Decision) -> None:
        """Takes abort."""
        if decision.kind == DecisionKind.ABORT:
            self._aborted = decision

    @workflow.query
    def state(self) -> RunState:
        """The run as it stands."""
        return self._ended(None, "going", self._in.target or "")

    def _ended(self, outcome: Outcome | None, message: str, target: str, lost: int | None = None) -> RunState:
        plan = _plan(self._in, target)
        done = outcome in (*GOOD, Outcome.APPLIED_NOT_CONFIRMED)
        result = StepResult(changed=True, reason="done")
        status = Status.DONE if done else Status.NOT_RUN
        now = workflow.time()
        steps = tuple(
            StepState(id=step.id, status=status, started_at=self._began, ended_at=now, result=result)
            for step in plan.steps
        )
        loss = Loss(resource="vector-db", region=target, transactions=lost, sentence=f"{lost} transactions")
        return RunState(
            runbook=self._in.runbook.name,
            procedure=self._in.procedure,
            run=workflow.info().run_id,
            source=self._in.source,
            target=target,
            phase=Phase.ENDED,
            outcome=outcome,
            message=message,
            rto=self._in.runbook.objectives.rto,
            rpo=self._in.runbook.objectives.rpo,
            triggered_at=self._in.trigger.at,
            started_at=self._began,
            decided_at=self._began,
            ended_at=now,
            plan=plan,
            steps=steps,
            losses=() if lost is None else (LossReport(moment="after", at=now, loss=loss),),
            triggers=tuple(self._triggers),
            drill=self._in.drill,
        )


def _plan(request: RunInput, target: str) -> Plan:
    acts = (Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.CUT_OVER, Verb.VERIFY)
    if request.procedure == Procedure.DRILL:
        acts = (Verb.REHEARSE,)
    steps = tuple(
        Step(
            id=verb.value,
            verb=verb,
            uses=f"{verb}.http" if verb == Verb.VERIFY else f"{verb}.postgres",
            resource="vector-db",
            region=target,
            needs=(acts[number - 1].value,) if number else (),
            sentence=f"{verb.capitalize()} vector-db",
        )
        for number, verb in enumerate(acts)
    )
    return Plan(
        procedure=request.procedure,
        runbook=request.runbook.name,
        runbook_checksum="",
        source=request.source,
        target=target,
        traffic_before={},
        traffic_after={},
        rto=request.runbook.objectives.rto,
        rpo=request.runbook.objectives.rpo,
        steps=steps,
    )


@workflow.defn(name="switchover", sandboxed=False)
class FakeSwitchover(_Run):
    """A switchover."""

    @workflow.init
    def __init__(self, request: RunInput) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: RunInput) -> RunState:
        """Go as told."""
        del request
        return await self._go()


@workflow.defn(name="failback", sandboxed=False)
class FakeFailback(_Run):
    """A failback."""

    @workflow.init
    def __init__(self, request: RunInput) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: RunInput) -> RunState:
        """Go as told."""
        del request
        return await self._go()


@workflow.defn(name="failover", sandboxed=False)
class FakeFailover(_Run):
    """A failover."""

    @workflow.init
    def __init__(self, request: RunInput) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: RunInput) -> RunState:
        """Go as told."""
        del request
        return await self._go()


@workflow.defn(name="drill-rehearsal", sandboxed=False)
class FakeRehearsal(_Run):
    """A rehearsal."""

    @workflow.init
    def __init__(self, request: RunInput) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: RunInput) -> RunState:
        """Go as told."""
        del request
        return await self._go()


RUNS = [FakeSwitchover, FakeFailback, FakeFailover, FakeRehearsal]
