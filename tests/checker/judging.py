"""What must hold of every run when it has ended: one function for each rule, each adds what it finds."""

from collections import Counter
from collections.abc import Iterator

from runbooks.models import PLANNED, Procedure
from runbooks.plan import Reversibility
from runbooks.runs import DecisionKind, Outcome, RunState, Status
from runbooks.steps import Verb
from tests.checker.show import Show
from tests.checker.world import Finding

SLACK = 1.0
"""Seconds by which a measured loss may be off: clients write every so often."""


def judge(show: Show, state: RunState) -> list[Finding]:
    """Everything that was found of the run, without what a person has taken upon himself by name."""
    found = [
        *show.world.findings,
        *_decisions(show, state),
        *_triggers(show, state),
        *_approvals(show, state),
        *_holds(state),
        *_losses(show, state),
        *_aborted(show, state),
        *_told(state),
    ]
    excused = _excuses(show, state)
    return [finding for finding in dict.fromkeys(found) if finding.excuse not in excused]


def _excuses(show: Show, state: RunState) -> set[str]:
    """What was accepted by name, and `verify` when a check was skipped by a person."""
    policy = show.request.runbook.policy.of(show.request.procedure)
    said = {j.decision.reason for j in state.decisions if j.decision.kind == DecisionKind.ACCEPT and j.refused is None}
    skipped = {step.id.partition(".")[0] for step in state.steps if step.status == Status.SKIPPED}
    return {*policy.accept, *show.request.accept, *said, *skipped}


def _decisions(show: Show, state: RunState) -> Iterator[Finding]:
    """No decision is lost, none is counted twice, and what must be refused is refused."""
    sent = Counter(decision.id for decision in show.people.said)
    judged = Counter(j.decision.id for j in state.decisions)
    for name in sorted(sent.keys() | judged.keys()):
        if sent[name] != judged[name]:
            yield Finding("decision-lost", f"{name} was sent {sent[name]} times and judged {judged[name]} times")
        counted = [j for j in state.decisions if j.decision.id == name and j.refused is None]
        if len(counted) > 1:
            yield Finding("decision-twice", f"{name} ({counted[0].decision.kind}) counted {len(counted)} times")
        if counted and name in show.people.expected_refusals:
            decision = counted[0].decision
            yield Finding("decision-wrong", f"{decision.kind} by {decision.by} counted ({decision.checksum})")


def _triggers(show: Show, state: RunState) -> Iterator[Finding]:
    known = [trigger.id for trigger in state.triggers]
    for name in show.triggers:
        if known.count(name) != 1:
            yield Finding("decision-lost", f"the trigger {name} is kept {known.count(name)} times")


def _approvals(show: Show, state: RunState) -> Iterator[Finding]:
    """Nothing is changed without the approvals that the policy wants."""
    rule = show.request.runbook.policy.of(show.request.procedure).approval
    if state.procedure != show.request.procedure or rule.on_timeout == "proceed":
        return
    yes = {j.decision.by for j in state.decisions if j.decision.kind == DecisionKind.APPROVE and j.refused is None}
    changed = [step for step in show.world.changes if not step.startswith("notify")]
    if changed and len(yes) < rule.count:
        yield Finding("unapproved", f"{changed[0]} was done with {len(yes)} of {rule.count} approvals")


def _holds(state: RunState) -> Iterator[Finding]:
    """While the run is on hold no step begins."""
    held_at: float | None = None
    spans: list[tuple[float, float]] = []
    for event in state.events:
        if event.text.endswith(" said hold") and held_at is None:
            held_at = event.at
        elif event.text.endswith(" said resume") and held_at is not None:
            spans.append((held_at, event.at))
            held_at = None
    for step in state.steps:
        for began, ended in spans:
            if step.started_at is not None and began < step.started_at < ended:
                yield Finding("hold", f"{step.id} began while the run was on hold")


def _losses(show: Show, state: RunState) -> Iterator[Finding]:
    """What clients were told is kept, but for what the run said it would lose."""
    world = show.world
    stated = {loss.resource: loss for loss in (state.plan.loss if state.plan else ())}
    for name, store in world.stores.items():
        lost = store.lost()
        if not lost:
            continue
        promoted = [region for region in store.promoted if region != store.home]
        if not promoted or (show.request.procedure in PLANNED and state.procedure in PLANNED):
            yield Finding("lost", f"{len(lost)} acknowledged writes of {name} are lost: {sorted(lost)[:9]}")
            continue
        seconds = stated[name].seconds if name in stated else 0.0
        fault = state.fault_at or world.began
        old = [n for n, answer in lost.items() if seconds is not None and answer.at < fault - seconds - SLACK]
        if old:
            said = "nothing" if seconds is None else f"{seconds:.1f} s"
            yield Finding("lost", f"{len(old)} writes of {name} are lost, older than the {said} that was said")


def _aborted(show: Show, state: RunState) -> Iterator[Finding]:
    """An abort before the point of no return brings back what can be brought back."""
    world = show.world
    if state.outcome != Outcome.ABORTED or state.plan is None or state.procedure == Procedure.FAILBACK:
        return
    begun = {step.id for step in state.steps if step.started_at is not None}
    if any(step.final and step.id in begun for step in state.plan.steps):
        return  # it may have had its effect, whatever was heard of it
    undoable = {step.id: step for step in state.plan.steps if step.reversibility is Reversibility.REVERSIBLE}
    given_up = {step.id for step in state.steps if step.status == Status.SKIPPED}
    for step in undoable.values():
        where = step.resource if step.verb is Verb.CUT_OVER else f"{step.resource} in {step.region}"
        before, after = world.shape_before.get(where), world.shape().get(where)
        if before != after and step.id not in given_up:
            yield Finding("not-undone", f"after the abort {where} is {after}, and was {before}")


def _told(state: RunState) -> Iterator[Finding]:
    """An ended run says how it ended."""
    if state.outcome is None or not state.message:
        yield Finding("silence", f"it ended without a word ({state.outcome})")
