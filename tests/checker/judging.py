"""What must hold of every run when it has ended: one function for each rule, each adds what it finds."""

from collections import Counter
from collections.abc import Iterator, Sequence

from runbooks.models import PLANNED, Procedure
from runbooks.plan import Reversibility
from runbooks.runs import DecisionKind, Judged, Outcome, RunState, Status
from runbooks.steps import Verb
from tests.checker.show import Show
from tests.checker.world import Finding

SLACK = 1.0
"""Seconds by which a measured loss may be off: clients write every so often."""


def judge(show: Show, ended: str, states: Sequence[RunState]) -> list[Finding]:
    """Everything that was found of the run, or of a drill's runs, but for what a person has taken upon himself."""
    found = [*show.world.findings, *_decisions(show, states), *_triggers(show, states)]
    for state in states:
        found += [*_holds(state), *_told(state)]
    if states:
        found += _losses(show, states)
    if show.procedure is not Procedure.DRILL and states:
        found += [*_approvals(show, states[-1]), *_aborted(show, states[-1])]
    if not all(ended.split(": ", 1)):
        found.append(Finding("silence", "it ended without a word"))
    excused = _excuses(show, states)
    return [finding for finding in dict.fromkeys(found) if finding.excuse not in excused]


def _judged(states: Sequence[RunState]) -> list[Judged]:
    """What was judged in all: a run that goes on as another one takes its decisions along."""
    kept: list[Judged] = []
    last: tuple[Judged, ...] = ()
    for state in states:
        if state.decisions[: len(last)] != last:
            kept += last
        last = state.decisions
    return [*kept, *last]


def _excuses(show: Show, states: Sequence[RunState]) -> set[str]:
    """What was accepted by name, and the verb of a step that was skipped by a person."""
    policy = show.book.policy.of(show.procedure)
    judged = [one for one in _judged(states) if one.refused is None]
    said = {one.decision.reason for one in judged if one.decision.kind == DecisionKind.ACCEPT}
    skipped = {step.id.partition(".")[0] for state in states for step in state.steps if step.status == Status.SKIPPED}
    return {*policy.accept, *said, *skipped}


def _decisions(show: Show, states: Sequence[RunState]) -> Iterator[Finding]:
    """No decision is lost, none is counted twice, and what must be refused is refused."""
    everything = _judged(states)
    sent = Counter(decision.id for decision in show.people.said)
    judged = Counter(one.decision.id for one in everything)
    for name in sorted(sent.keys() | judged.keys()):
        if sent[name] != judged[name]:
            yield Finding("decision-lost", f"{name} was sent {sent[name]} times and judged {judged[name]} times")
        counted = [one for one in everything if one.decision.id == name and one.refused is None]
        if len(counted) > 1:
            yield Finding("decision-twice", f"{name} ({counted[0].decision.kind}) counted {len(counted)} times")
        if counted and name in show.people.expected_refusals:
            decision = counted[0].decision
            yield Finding("decision-wrong", f"{decision.kind} by {decision.by} counted ({decision.checksum})")


def _triggers(show: Show, states: Sequence[RunState]) -> Iterator[Finding]:
    for name in show.triggers:
        kept = [[trigger.id for trigger in state.triggers].count(name) for state in states]
        if not any(kept) or max(kept) > 1:
            yield Finding("decision-lost", f"the trigger {name} is kept {kept} times")


def _approvals(show: Show, state: RunState) -> Iterator[Finding]:
    """Nothing is changed without the approvals that the policy wants."""
    rule = show.book.policy.of(show.procedure).approval
    if state.procedure != show.procedure or rule.on_timeout == "proceed":
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


def _losses(show: Show, states: Sequence[RunState]) -> Iterator[Finding]:
    """What clients were told is kept, but for what the run said it would lose."""
    last = states[-1]
    planned = all(state.procedure in PLANNED for state in states)
    stated = {loss.resource: loss for loss in (last.plan.loss if last.plan else ())}
    for name, store in show.world.stores.items():
        lost = store.lost()
        if not lost:
            continue
        promoted = [region for region in store.promoted if region != store.home]
        if not promoted or planned:
            yield Finding("lost", f"{len(lost)} acknowledged writes of {name} are lost: {sorted(lost)[:9]}")
            continue
        seconds = stated[name].seconds if name in stated else 0.0
        fault = last.fault_at or show.world.began
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
        yield Finding("silence", f"a run ended without a word ({state.outcome})")
