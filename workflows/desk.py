"""The desk that decisions come to: the workflow alone judges them, and a refused one is kept with its reason.

Pure: no Temporal in here.
"""

from dataclasses import dataclass, field

from runbooks.models import Approval
from runbooks.plan import Plan
from runbooks.runs import Decision, DecisionKind, Judged, Outcome, Phase, Status, StepState
from runbooks.steps import Verb
from workflows.ending import Ended

SHORTEST_CHECKSUM = 8
_ABOUT_A_STEP = frozenset({DecisionKind.RETRY, DecisionKind.SKIP})


@dataclass
class Situation:
    """What a decision is judged against: the run as it stands when the decision arrives."""

    phase: Phase
    approval: Approval
    plan: Plan | None
    steps: dict[str, StepState]
    held: bool


@dataclass
class Desk:
    """Every decision received, each counted once by its id."""

    judged: list[Judged] = field(default_factory=list)
    approvers: list[str] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    rejected: Decision | None = None
    aborted: Decision | None = None
    look_again: bool = False
    """`retry` while the plan refuses itself: observe and plan anew."""
    for_steps: dict[str, Decision] = field(default_factory=dict)
    """The decision that a waiting step has not taken yet, by step."""

    def receive(self, decision: Decision, situation: Situation) -> str | None:
        """Judge the decision and, if it counts, put it where the run finds it. Returns why it was refused, or None."""
        refused = self._why_not(decision, situation)
        self.judged.append(Judged(decision=decision, refused=refused))
        if refused is None:
            self._take(decision, situation)
        return refused

    def raise_if_aborted(self) -> None:
        """For the time before anything is changed. Raises Ended."""
        if self.aborted is not None:
            raise Ended(Outcome.ABORTED, f"{self.aborted.by} aborted the run before it changed anything")

    def _why_not(self, decision: Decision, situation: Situation) -> str | None:
        if any(kept.decision.id == decision.id for kept in self.judged):
            return "this decision has been counted already"
        if situation.phase == Phase.ENDED:
            return "the run has ended"
        kind = decision.kind
        if kind in (DecisionKind.APPROVE, DecisionKind.REJECT):
            return self._why_no_approval(decision, situation)
        if kind == DecisionKind.ACCEPT and not decision.reason:
            return "accept needs the name of what is accepted, such as loss:vector-db"
        if kind in _ABOUT_A_STEP:
            return _why_not_about_step(decision, situation) or self._why_too_late(decision, situation)
        if kind == DecisionKind.RESUME and not situation.held:
            return "the run is not on hold"
        return None

    def _why_no_approval(self, decision: Decision, situation: Situation) -> str | None:
        if situation.phase != Phase.AWAITING_APPROVAL or situation.plan is None:
            return f"nothing awaits approval now: the run is {situation.phase}"
        if situation.approval.by and _name(decision.by) not in situation.approval.by:
            return f"{decision.by} is not among the approvers ({', '.join(situation.approval.by)})"
        if decision.kind == DecisionKind.REJECT:
            return None
        if len(decision.checksum) < SHORTEST_CHECKSUM:
            return f"an approval names the plan by {SHORTEST_CHECKSUM} or more digits of its checksum"
        if not situation.plan.checksum.startswith(decision.checksum):
            return f"{decision.checksum} is not the plan that awaits approval ({situation.plan.checksum[:12]})"
        if _name(decision.by) in map(_name, self.approvers):
            return f"{decision.by} has approved already"
        return None

    def _why_too_late(self, decision: Decision, situation: Situation) -> str | None:
        """A decision that its step has not taken yet stands: two may come before the run goes on."""
        earlier = [self.for_steps[step] for step in _meant(decision, situation) if step in self.for_steps]
        if not earlier:
            return None
        about = decision.step or "the waiting steps"
        return f"{earlier[0].by} has decided about {about} already ({earlier[0].kind})"

    def _take(self, decision: Decision, situation: Situation) -> None:
        match decision.kind:
            case DecisionKind.APPROVE:
                self.approvers.append(decision.by)
            case DecisionKind.REJECT:
                self.rejected = decision
            case DecisionKind.ABORT:
                self.aborted = decision
            case DecisionKind.ACCEPT:
                self.accepted.add(decision.reason)
            case DecisionKind.RETRY if not decision.step and situation.phase == Phase.PLANNING:
                self.look_again = True
            case DecisionKind.RETRY | DecisionKind.SKIP:
                for step in _meant(decision, situation):
                    self.for_steps[step] = decision
            case DecisionKind.HOLD | DecisionKind.RESUME:
                pass  # the workflow holds and resumes


def _name(by: str) -> str:
    """The person without the machine: one person at two machines is one."""
    return by.partition("@")[0]


def _meant(decision: Decision, situation: Situation) -> list[str]:
    """The waiting steps that a decision is about: the named one, or all."""
    waiting = [step.id for step in situation.steps.values() if step.status == Status.WAITING]
    return [step for step in waiting if decision.step in ("", step)]


def _why_not_about_step(decision: Decision, situation: Situation) -> str | None:
    retry = decision.kind == DecisionKind.RETRY
    if retry and not decision.step and situation.phase == Phase.PLANNING:
        return None
    meant = _meant(decision, situation)
    if not meant:
        return f"{decision.step or 'no step'} is not waiting for a decision"
    if retry:
        return None
    if not decision.reason:
        return "skip needs a reason"
    if len(meant) > 1:
        return f"{len(meant)} steps are waiting: name the one to skip ({', '.join(meant)})"
    step = situation.plan.step(meant[0]) if situation.plan else None
    if step is not None and step.verb == Verb.FENCE:
        return f"a fence is never skipped: accept unproved-fence:{step.resource} with its risk, retry, or abort"
    return None
