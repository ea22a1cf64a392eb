"""One run at several moments, as values."""

from typing import Any

from runbooks.estimate import Estimate, StepEstimate
from runbooks.loss import LossReport
from runbooks.models import Approval, Procedure
from runbooks.plan import Loss, Plan, Refusal, Step
from runbooks.runs import Decision, DecisionKind, Judged, Outcome, Phase, RunEvent, RunState, Status, StepState
from runbooks.steps import StepResult, Verb

NOON = 1_763_899_200.0
"""2025-11-23 12:00:00 UTC."""


def _step(id_: str, verb: Verb, resource: str, sentence: str, *needs: str, final: bool = False) -> Step:
    return Step(
        id=id_,
        verb=verb,
        uses=f"{verb}.any",
        resource=resource,
        region="eu-west-1",
        sentence=sentence,
        needs=needs,
        reversibility="final" if final else "compensable",
    )


STEPS = (
    _step("fence.vector-db", Verb.FENCE, "vector-db", "Fence vector-db in us-east-1: it takes no more writes"),
    _step("scale.llm", Verb.SCALE, "llm", "Scale llm in eu-west-1 to 5 replicas"),
    _step(
        "promote.vector-db",
        Verb.PROMOTE,
        "vector-db",
        "Promote vector-db in eu-west-1",
        "fence.vector-db",
        final=True,
    ),
    _step("verify.llm", Verb.VERIFY, "llm", "Verify llm through the public name", "promote.vector-db", "scale.llm"),
)


def plan(**changes: Any) -> Plan:
    """Four steps out of us-east-1, which may lose a little."""
    known: dict[str, Any] = {
        "procedure": Procedure.FAILOVER,
        "runbook": "llm-platform",
        "runbook_checksum": "0" * 64,
        "source": "us-east-1",
        "target": "eu-west-1",
        "traffic_before": {"us-east-1": 100, "eu-west-1": 0},
        "traffic_after": {"us-east-1": 0, "eu-west-1": 100},
        "rto": 60.0,
        "rpo": 10.0,
        "steps": STEPS,
        "loss": (
            Loss(
                resource="vector-db",
                region="eu-west-1",
                seconds=0.4,
                sentence="vector-db: up to the last 0.4 s of writes",
            ),
        ),
        "notes": ("us-east-1 gave no answer: its last readings are 4 s old",),
    }
    return Plan.model_validate({**known, **changes})


def events(*texts: str) -> tuple[RunEvent, ...]:
    """One event a second."""
    return tuple(RunEvent(at=NOON + second, text=text) for second, text in enumerate(texts, 1))


def run(**changes: Any) -> RunState:
    """A run that awaits its approval, unless changed."""
    made = changes.get("plan", plan())
    known: dict[str, Any] = {
        "runbook": "llm-platform",
        "procedure": Procedure.FAILOVER,
        "run": "0198a7c2-1111-7abc-8def-000000000000",
        "source": "us-east-1",
        "target": "eu-west-1",
        "phase": Phase.AWAITING_APPROVAL,
        "message": "Plan awaits 1 approval(s) by one of sre-ai",
        "rto": 60.0,
        "rpo": 10.0,
        "fault_at": NOON,
        "triggered_at": NOON + 1,
        "started_at": NOON + 1,
        "plan": made,
        "checksum": made.checksum if made else "",
        "steps": tuple(StepState(id=step.id) for step in STEPS) if made else (),
        "events": events("us-east-1 is down as seen from 2 vantage points", "Plan awaits approval"),
    }
    return RunState.model_validate({**known, **changes})


def ended_step(step: Step, second: float, reason: str, **changes: Any) -> StepState:
    """A step that took 1.5 s."""
    known: dict[str, Any] = {
        "id": step.id,
        "status": Status.DONE,
        "started_at": NOON + second,
        "ended_at": NOON + second + 1.5,
        "result": StepResult(changed=True, reason=reason),
    }
    return StepState.model_validate({**known, **changes})


def waiting_run() -> RunState:
    """A run whose fence could not be proved, while the scaling goes on."""
    fence = StepState(
        id="fence.vector-db",
        status=Status.WAITING,
        started_at=NOON + 20,
        error="neither it nor its power controller answers",
    )
    scale = StepState(id="scale.llm", status=Status.RUNNING, started_at=NOON + 20)
    rest = tuple(StepState(id=step.id) for step in STEPS[2:])
    return run(phase=Phase.WAITING_FOR_PERSON, message="Carrying out plan", steps=(fence, scale, *rest), held=True)


def refusing_run() -> RunState:
    """A run whose plan refuses itself."""
    refusals = (
        Refusal(name="loss:vector-db", sentence="vector-db is up to 29.5 s behind; the objective is 10 s"),
        Refusal(name=None, sentence="vector-db has two writers"),
    )
    return run(phase=Phase.PLANNING, message="The plan refuses itself", plan=plan(refusals=refusals))


def recovered_run() -> RunState:
    """A run that ended well and late, with a fence that a person took on trust."""
    unproved = StepResult(changed=False, reason="no proof of fence", proved=False)
    steps = (
        ended_step(STEPS[0], 20, "", result=unproved, status=Status.UNCHANGED),
        ended_step(STEPS[1], 20, "5 of 5 replicas are ready"),
        ended_step(STEPS[2], 40, "it takes writes on timeline 2"),
        ended_step(STEPS[3], 50, "it answers 200"),
    )
    return run(
        phase=Phase.ENDED,
        outcome=Outcome.RECOVERED,
        message="llm-platform serves from eu-west-1",
        steps=steps,
        ended_at=NOON + 72,
        record="records/llm-platform/0198a7c2",
    )


def approving_run() -> RunState:
    """A run that has one of two approvals, knows how long its plan takes, and goes on by itself unless vetoed."""
    made = plan()
    said = Decision(id="1", kind=DecisionKind.APPROVE, by="ben", at=NOON + 9, checksum=made.checksum[:8])
    known = {step.id: StepEstimate(median=4, p95=9, runs=7) for step in STEPS}
    path = tuple(step.id for step in STEPS if step.id != "scale.llm")
    return run(
        plan=made,
        approval=Approval(by=("sre-ai",), count=2, on_timeout="proceed"),
        expires_at=NOON + 300,
        decisions=(Judged(decision=said),),
        estimate=Estimate(steps=known, critical_path=path, median=12, p95=27),
    )


def measured(moment: str, second: float, seconds: float, difference: str = "") -> LossReport:
    """One measurement of what the database loses."""
    loss = Loss(resource="vector-db", region="eu-west-1", seconds=seconds, sentence=f"vector-db: up to {seconds:g} s")
    return LossReport.model_validate({"moment": moment, "at": NOON + second, "loss": loss, "difference": difference})


def moved_run() -> RunState:
    """A switchover that has moved everything and waits for somebody to confirm it."""
    steps = tuple(ended_step(step, 20 + n, "done") for n, step in enumerate(STEPS))
    return run(
        procedure=Procedure.SWITCHOVER,
        phase=Phase.AWAITING_CONFIRMATION,
        message="Everything has moved to eu-west-1. It goes back in 10 min unless confirmed",
        fault_at=None,
        plan=plan(procedure=Procedure.SWITCHOVER),
        steps=steps,
        losses=(measured("planned", 2, 0.4), measured("approved", 19, 0.0, "writes have stopped")),
        decided_at=NOON + 19,
        confirm_until=NOON + 625,
    )


def taken_back_run() -> RunState:
    """A run that was aborted before its point of no return."""
    fence = ended_step(STEPS[0], 20, "it takes writes again", status=Status.UNDONE, error="it takes writes again")
    scale = ended_step(STEPS[1], 20, "5 of 5 replicas are ready")
    rest = tuple(StepState(id=step.id, status=Status.NOT_RUN) for step in STEPS[2:])
    return run(
        phase=Phase.ENDED,
        outcome=Outcome.ABORTED,
        message="ann stopped the run; undone: fence.vector-db",
        steps=(fence, scale, *rest),
        losses=(measured("planned", 2, 0.4),),
        ended_at=NOON + 30,
    )
