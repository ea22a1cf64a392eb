"""One run at each moment at which Slack shows it differently, as values."""

from runbooks.loss import LossReport
from runbooks.models import Approval, Procedure
from runbooks.plan import Loss
from runbooks.runs import (
    Decision,
    DecisionKind,
    Judged,
    Outcome,
    Phase,
    RunState,
    Status,
    StepState,
    Trigger,
)
from tests.triggers import samples
from tests.triggers.samples import NOON, STEPS, ended_step, measured, plan, run

WATCH = Trigger(
    id="w", kind="watch", by="watch", at=NOON + 1, reason="2 vantage points see us-east-1 down", source="us-east-1"
)
ANN = Trigger(
    id="a",
    kind="person",
    by="ann@jump-1",
    at=NOON + 1,
    reason="rack *3* is <!here> on fire & burning",
    procedure=Procedure.FAILBACK,
    source="eu-west-1",
)
RULE = Approval(by=("sre-ai",), count=1)


def said(kind: DecisionKind, by: str, second: float, **more: str) -> Judged:
    """A decision that counts."""
    return Judged(decision=Decision(id=f"{kind}{by}", kind=kind, by=by, at=NOON + second, **more))


def approved(by: str = "ben", second: float = 12) -> Judged:
    """Yes to the plan."""
    return said(DecisionKind.APPROVE, by, second, checksum=plan().checksum)


def _running(**changes: object) -> RunState:
    fence = ended_step(STEPS[0], 14, "it takes no more writes")
    scale = StepState(id=STEPS[1].id, status=Status.RUNNING, started_at=NOON + 14)
    rest = tuple(StepState(id=step.id) for step in STEPS[2:])
    known = samples.approving_run()
    given = {
        "phase": Phase.RUNNING,
        "message": "Carrying out plan 7d2f52a4d1ce",
        "steps": (fence, scale, *rest),
        "triggers": (WATCH,),
        "approval": RULE,
        "decided_at": NOON + 13,
        "decisions": (approved(),),
        "estimate": known.estimate,
        "losses": (measured("planned", 2, 0.4), measured("approved", 13, 0.4)),
        **changes,
    }
    return run(**given)


def _confirming() -> RunState:
    return run(
        phase=Phase.CONFIRMING, message="Asking the vantage points", plan=None, target="", triggers=(WATCH,), events=()
    )


def _awaiting() -> RunState:
    known = samples.approving_run()
    return run(
        approval=RULE,
        expires_at=NOON + 300,
        estimate=known.estimate,
        triggers=(WATCH,),
        losses=(measured("planned", 2, 0.4),),
    )


def _waiting() -> RunState:
    return samples.waiting_run().model_copy(update={"held": False, "triggers": (WATCH,), "decisions": (approved(),)})


def _past_return() -> RunState:
    promote = StepState(id=STEPS[2].id, status=Status.RUNNING, started_at=NOON + 30)
    steps = (ended_step(STEPS[0], 14, "done"), ended_step(STEPS[1], 14, "5 of 5"), promote, StepState(id=STEPS[3].id))
    return _running(steps=steps)


def _undoing() -> RunState:
    fence = ended_step(STEPS[0], 14, "it takes no more writes")
    scale = ended_step(STEPS[1], 14, "5 of 5 replicas", status=Status.RUNNING, ended_at=None)
    rest = tuple(StepState(id=step.id, status=Status.NOT_RUN) for step in STEPS[2:])
    return _running(
        phase=Phase.UNDOING,
        message="ann aborted the run before its point of no return: undoing what was done",
        steps=(fence, scale, *rest),
        decisions=(approved(), said(DecisionKind.ABORT, "ann", 40, reason="us-east-1 is back")),
    )


def _recovered() -> RunState:
    state = samples.recovered_run()
    accept = said(DecisionKind.ACCEPT, "ben", 21, reason="unproved-fence:vector-db")
    losses = (measured("planned", 2, 0.4), measured("after", 71, 0.4))
    return state.model_copy(update={"triggers": (WATCH,), "decisions": (approved(), accept), "losses": losses})


def _aborted() -> RunState:
    abort = said(DecisionKind.ABORT, "ann", 25, reason="us-east-1 is back")
    return samples.taken_back_run().model_copy(
        update={"triggers": (WATCH,), "decisions": (approved(), abort), "record": "records/llm-platform/0198a7c2"}
    )


def _unstarted(outcome: Outcome, message: str, *decisions: Judged) -> RunState:
    steps = tuple(StepState(id=step.id, status=Status.NOT_RUN) for step in STEPS)
    return run(
        phase=Phase.ENDED,
        outcome=outcome,
        message=message,
        steps=steps,
        ended_at=NOON + 40,
        triggers=(WATCH,),
        decisions=decisions,
        record="records/llm-platform/0198a7c2",
    )


def _drill_leg() -> RunState:
    trigger = Trigger(
        id="d",
        kind="drill",
        by="ann",
        at=NOON + 1,
        procedure=Procedure.SWITCHOVER,
        source="us-east-1",
        reason="out",
    )
    return samples.moved_run().model_copy(
        update={
            "phase": Phase.RUNNING,
            "confirm_until": None,
            "message": "Carrying out plan 7d2f52a4d1ce",
            "drill": "evac/llm-platform/drill",
            "triggers": (trigger,),
        }
    )


def _failback() -> RunState:
    unknown = Loss(
        resource="cache", region="us-east-1", sentence="cache: how far us-east-1 is behind cannot be measured"
    )
    return run(
        procedure=Procedure.FAILBACK,
        source="eu-west-1",
        target="us-east-1",
        fault_at=None,
        plan=plan(procedure=Procedure.FAILBACK, source="eu-west-1", target="us-east-1", loss=(unknown,)),
        triggers=(ANN,),
        approval=Approval(),
        expires_at=NOON + 600,
        losses=(LossReport(moment="planned", at=NOON + 2, loss=unknown),),
    )


MOMENTS = {
    "confirming": _confirming(),
    "awaiting-approval": _awaiting(),
    "quorum-1-of-2": samples.approving_run().model_copy(update={"triggers": (WATCH,)}),
    "refused-plan": samples.refusing_run().model_copy(update={"triggers": (WATCH,)}),
    "running": _running(),
    "held": _running(held=True, decisions=(approved(), said(DecisionKind.HOLD, "ann", 30, reason="<b>wait</b>"))),
    "waiting-for-person": _waiting(),
    "past-return": _past_return(),
    "undoing": _undoing(),
    "awaiting-confirmation": samples.moved_run().model_copy(update={"triggers": (ANN,)}),
    "recovered": _recovered(),
    "aborted": _aborted(),
    "rejected": _unstarted(
        Outcome.REJECTED,
        "ben rejected the plan (too early); nothing was changed",
        said(DecisionKind.REJECT, "ben", 39, reason="too early"),
    ),
    "expired": _unstarted(Outcome.EXPIRED, "Nobody approved plan 7d2f52a4d1ce in time; nothing was changed"),
    "drill-leg": _drill_leg(),
    "failback": _failback(),
}
