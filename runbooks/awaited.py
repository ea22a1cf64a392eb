"""Who is awaited for what, and what a person can say to a run now, most useful first. Pure."""

from collections.abc import Iterator

from runbooks.controls import engaged_by
from runbooks.durations import duration
from runbooks.plan import Refusal, Step
from runbooks.runs import DecisionKind, Judged, Phase, RunState, Status, StepState
from runbooks.steps import Verb
from runbooks.values import Model
from runbooks.words import clock

AWAITED = frozenset({Phase.AWAITING_APPROVAL, Phase.WAITING_FOR_PERSON, Phase.AWAITING_CONFIRMATION})
"""The phases in which a person is awaited."""
_NEVER_SKIPPED = frozenset({Verb.FENCE, Verb.SALVAGE})
"""Their missing proof can be accepted by name, with its risk; going on as if nothing was missing cannot."""


class Choice(Model):
    """One thing that a person can say. `kind` None: the kill switch of `scope` must be released, which no run does."""

    kind: DecisionKind | None
    step: str = ""
    accept: tuple[str, ...] = ()
    """The names of what would be accepted."""
    scope: str = ""


def choices(state: RunState) -> tuple[Choice, ...]:
    """What moves the run on; none while nobody is awaited."""
    found = list(_choices(state))
    if state.held and state.phase is not Phase.ENDED:
        found.insert(0, Choice(kind=DecisionKind.RESUME))
    return tuple(dict.fromkeys(found))  # several steps may wait for the same answer


def _choices(state: RunState) -> Iterator[Choice]:
    if state.phase is Phase.AWAITING_APPROVAL and missing_approvals(state) != 0:
        proceeds = state.approval is not None and state.approval.on_timeout == "proceed"
        yield Choice(kind=DecisionKind.APPROVE)
        yield Choice(kind=DecisionKind.VETO if proceeds else DecisionKind.REJECT)
    elif state.phase is Phase.AWAITING_CONFIRMATION:
        yield Choice(kind=DecisionKind.CONFIRM)
        yield Choice(kind=DecisionKind.ABORT)
    elif state.phase is Phase.PLANNING and standing(state):
        yield from _releases(state.runbook, *(refusal.sentence for refusal in standing(state)))
        if acceptable_refusals(state):
            yield Choice(kind=DecisionKind.ACCEPT, accept=acceptable_refusals(state))
        yield Choice(kind=DecisionKind.RETRY)
        yield Choice(kind=DecisionKind.ABORT)
    elif state.phase is Phase.WAITING_FOR_PERSON:
        for step in waiting(state):
            yield from about_step(state, step)
        if not aborted(state):
            yield Choice(kind=DecisionKind.ABORT)


def about_step(state: RunState, step: StepState) -> Iterator[Choice]:
    """What can be said to a step that waits."""
    releases = list(_releases(state.runbook, step.error or ""))
    if releases:
        yield from releases
        return
    yield Choice(kind=DecisionKind.RETRY, step=step.id)
    accept = acceptable(state, step.id)
    if accept is not None and not aborted(state):
        yield Choice(kind=DecisionKind.ACCEPT, step=step.id, accept=(accept,))
    else:
        yield Choice(kind=DecisionKind.SKIP, step=step.id)


def _releases(name: str, *sentences: str) -> Iterator[Choice]:
    """The kill switches of which these sentences tell."""
    for scope in ("", name):
        if any(engaged_by(scope) in sentence for sentence in sentences):
            yield Choice(kind=None, scope=scope)


def awaited(state: RunState, now: float) -> str:
    """Who is awaited, until when, and what happens when nobody answers; empty when the run does not say."""
    if state.phase is Phase.AWAITING_CONFIRMATION and state.confirm_until is not None:
        return f"everything goes back by itself {_in(state.confirm_until, now)}, unless somebody confirms"
    rule = state.approval
    if state.phase is not Phase.AWAITING_APPROVAL or rule is None:
        return ""
    said = [kept.decision.by for kept in state.decisions if _approves(state, kept)]
    missing = missing_approvals(state)
    if not missing:
        return f"nobody (approved by {', '.join(said)}): it looks once more, then it runs"
    whom = f"by {', '.join(rule.by)}" if rule.by else f"by anyone{_but_who_asked(state)}"
    text = f"{missing} more approval{'' if missing == 1 else 's'} {whom}"
    text += f" (given by {', '.join(said)})" if said else ""
    if state.expires_at is None:
        return text
    then = "it goes on unless vetoed" if rule.on_timeout == "proceed" else "it expires"
    return f"{text}; {then} {_in(state.expires_at, now)}"


def _but_who_asked(state: RunState) -> str:
    """Who asked for the run does not approve it, unless the policy says so."""
    asked = dict.fromkeys(trigger.by for trigger in state.triggers if trigger.kind == "person")
    if not asked or state.approval is None or state.approval.allow_self:
        return ""
    return f" but {', '.join(asked)}"


def missing_approvals(state: RunState) -> int | None:
    """How many approvals the plan still needs; None when the run does not say."""
    if state.approval is None:
        return None
    return max(0, state.approval.count - sum(_approves(state, kept) for kept in state.decisions))


def _approves(state: RunState, kept: Judged) -> bool:
    """It counts, and is about the plan that awaits approval now."""
    said = kept.decision
    counts = kept.refused is None and said.kind is DecisionKind.APPROVE
    return counts and state.checksum.startswith(said.checksum)


def _in(at: float, now: float) -> str:
    return f"in {duration(at - now)} (at {clock(at)})"


def standing(state: RunState) -> tuple[Refusal, ...]:
    """Why the plan refuses itself: the reasons that nobody has accepted."""
    return state.plan.standing() if state.plan is not None else ()


def acceptable_refusals(state: RunState) -> tuple[str, ...]:
    """The names of those that a person may accept."""
    return tuple(sorted({refusal.name for refusal in standing(state) if refusal.name is not None}))


def waiting(state: RunState) -> tuple[StepState, ...]:
    """The steps that wait for a person."""
    return tuple(step for step in state.steps if step.status is Status.WAITING)


def acceptable(state: RunState, step_id: str) -> str | None:
    """The name under which a waiting step's lack of proof is accepted, if it can be."""
    step = planned(state, step_id)
    return step.acceptance if step is not None and step.verb in _NEVER_SKIPPED else None


def accepting(state: RunState, name: str) -> tuple[str, ...]:
    """What somebody who accepts that name takes upon them: the sentences of the plan and of the steps that wait."""
    refused = [refusal.sentence for refusal in standing(state) if refusal.name == name]
    for step in waiting(state):
        known = planned(state, step.id)
        if known is not None and known.acceptance == name:
            refused.append(f"{known.sentence}: {step.error or 'it is not proved'}")
    return tuple(refused)


def planned(state: RunState, step_id: str) -> Step | None:
    """The step as the plan has it."""
    steps = state.plan.steps if state.plan is not None else ()
    return next((step for step in steps if step.id == step_id), None)


def aborted(state: RunState) -> bool:
    """Somebody has aborted the run."""
    return any(d.refused is None and d.decision.kind is DecisionKind.ABORT for d in state.decisions)
