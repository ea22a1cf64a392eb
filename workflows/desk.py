"""The desk that decisions come to: the workflow alone judges them, and a refused one is kept with its reason.

Pure: no Temporal in here.
"""

from dataclasses import dataclass, field

from runbooks.models import Approval
from runbooks.plan import Plan
from runbooks.runs import Decision, DecisionKind, Judged, Outcome, Phase, Status, StepState, Trigger
from runbooks.steps import Verb
from workflows.ending import Ended

SHORTEST_CHECKSUM = 8
_KEPT_AS = {
    DecisionKind.REJECT: "rejected",
    DecisionKind.VETO: "vetoed",
    DecisionKind.CONFIRM: "confirmed",
    DecisionKind.ABORT: "aborted",
}
_RISKY = frozenset({DecisionKind.ACCEPT, DecisionKind.SKIP, DecisionKind.CONFIRM})
"""Where approvers are named, only they may take a risk; anyone may stop, hold or retry."""


@dataclass
class Situation:
    """What a decision is judged against: the run as it stands when the decision arrives."""

    phase: Phase
    approval: Approval
    plan: Plan | None
    steps: dict[str, StepState]
    held: bool
    approvers: frozenset[str] = frozenset()
    """The people and groups who may approve; empty: anyone."""
    asked_by: frozenset[str] = frozenset()
    """The people who asked for this run: they may not approve it themselves."""
    past_return: bool = False
    """A step was begun that cannot be undone."""
    wanted_by: tuple[str, ...] = ()
    """Who wants this run besides alerts."""


@dataclass
class Desk:
    """Every decision received, each counted once by its id."""

    judged: list[Judged] = field(default_factory=list)
    approvers: list[str] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    rejected: Decision | None = None
    vetoed: Decision | None = None
    confirmed: Decision | None = None
    aborted: Decision | None = None
    superseded: Trigger | None = None
    """The real failover that a planned run gives way to."""
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

    def said_no(self) -> bool:
        """A wait for approvals is over without them."""
        return any((self.rejected, self.vetoed, self.stopping()))

    def stopping(self) -> bool:
        """No further step is to begin: the run was aborted, or gives way to a real failover."""
        return self.aborted is not None or self.superseded is not None

    def raise_if_stopped(self) -> None:
        """For the time before anything is changed. Raises Ended."""
        self.raise_if_superseded()
        if self.aborted is not None:
            raise Ended(Outcome.ABORTED, f"{self.aborted.by} aborted the run before it changed anything")

    def raise_if_superseded(self) -> None:
        """Raises Ended when a real failover takes this run's place."""
        if self.superseded is not None:
            message = f"It gave way to the failover out of {self.superseded.source}, asked by {self.superseded.by}"
            raise Ended(Outcome.SUPERSEDED, message)

    def _why_not(self, decision: Decision, situation: Situation) -> str | None:
        if any(kept.decision.id == decision.id for kept in self.judged):
            return "this decision has been counted already"
        if situation.phase == Phase.ENDED:
            return "the run has ended"
        return self._why_not_now(decision, situation)

    def _why_not_now(self, decision: Decision, situation: Situation) -> str | None:
        kind = decision.kind
        if kind in _RISKY and not _may(decision, situation):
            return f"{decision.by} is not among those who may {kind} ({', '.join(sorted(situation.approvers))})"
        match kind:
            case DecisionKind.APPROVE | DecisionKind.REJECT:
                return self._why_no_approval(decision, situation)
            case DecisionKind.VETO | DecisionKind.CONFIRM:
                return _why_not_waiting(decision, situation)
            case DecisionKind.RETRY | DecisionKind.SKIP:
                return _why_not_about_step(decision, situation) or self._why_too_late(decision, situation)
            case DecisionKind.ACCEPT if not decision.reason:
                return "accept needs the name of what is accepted, such as loss:vector-db"
            case DecisionKind.ABORT if self.aborted is not None:
                return f"{self.aborted.by} has aborted the run already"
            case DecisionKind.ABORT if decision.only_before_return:
                return _why_not_over(situation)
            case DecisionKind.RESUME if not situation.held:
                return "the run is not on hold"
            case _:
                return None

    def _why_no_approval(self, decision: Decision, situation: Situation) -> str | None:
        if situation.phase != Phase.AWAITING_APPROVAL or situation.plan is None:
            return f"nothing awaits approval now: the run is {situation.phase}"
        if not _may(decision, situation):
            return f"{decision.by} is not among the approvers ({', '.join(sorted(situation.approvers))})"
        if decision.kind == DecisionKind.REJECT:
            return None
        if person(decision.by) in situation.asked_by and not situation.approval.allow_self:
            return f"{decision.by} asked for this run, so somebody else must approve it"
        if len(decision.checksum) < SHORTEST_CHECKSUM:
            return f"an approval names the plan by {SHORTEST_CHECKSUM} or more digits of its checksum"
        if not situation.plan.checksum.startswith(decision.checksum):
            return f"{decision.checksum} is not the plan that awaits approval ({situation.plan.checksum[:12]})"
        if decision.shown is not None and decision.shown.loss != situation.plan.loss:
            return "the loss that was shown is not the one that this plan states: look at it again"
        if person(decision.by) in map(person, self.approvers):
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
            case DecisionKind.REJECT | DecisionKind.VETO | DecisionKind.CONFIRM | DecisionKind.ABORT:
                setattr(self, _KEPT_AS[decision.kind], decision)
            case DecisionKind.ACCEPT:
                self.accepted.add(decision.reason)
            case DecisionKind.RETRY if not decision.step and situation.phase == Phase.PLANNING:
                self.look_again = True
            case DecisionKind.RETRY | DecisionKind.SKIP:
                for step in _meant(decision, situation):
                    self.for_steps[step] = decision
            case DecisionKind.HOLD | DecisionKind.RESUME:
                pass  # the workflow holds and resumes


def person(by: str) -> str:
    """The person without the machine: one person at two machines is one."""
    return by.partition("@")[0]


def _may(decision: Decision, situation: Situation) -> bool:
    """Approvers are named, or are in a group that is; where none are, anyone may."""
    known = {person(decision.by), *decision.groups}
    return not situation.approvers or not known.isdisjoint(situation.approvers)


def _why_not_waiting(decision: Decision, situation: Situation) -> str | None:
    """A veto and a confirmation are each for one moment only."""
    if decision.kind == DecisionKind.CONFIRM:
        waits = situation.phase == Phase.AWAITING_CONFIRMATION
        return None if waits else f"nothing awaits confirmation now: the run is {situation.phase}"
    if situation.phase == Phase.AWAITING_APPROVAL and situation.approval.on_timeout == "proceed":
        return None
    return "no plan waits to go on by itself: reject it, or abort the run"


def _why_not_over(situation: Situation) -> str | None:
    """That the alerts are over stops nothing that cannot be undone any more, or that somebody else wants, too."""
    if situation.past_return:
        return "the run is past its point of no return, so it goes on although the alerts are over"
    if situation.wanted_by:
        return f"{', '.join(situation.wanted_by)} asked for this run, too, so it goes on although the alerts are over"
    return None


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
        about = f"{decision.step} is not" if decision.step else "no step is"
        return f"{about} waiting for a decision"
    if retry:
        return None
    if not decision.reason:
        return "skip needs a reason"
    if len(meant) > 1:
        return f"{len(meant)} steps are waiting: name the one to skip ({', '.join(meant)})"
    step = situation.plan.step(meant[0]) if situation.plan else None
    if step is not None and step.verb == Verb.FENCE and situation.phase != Phase.UNDOING:
        return f"a fence is never skipped: accept unproved-fence:{step.resource} with its risk, retry, or abort"
    return None
