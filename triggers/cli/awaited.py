"""Who is awaited for what, and what a person can say to a run now: the exact commands, most useful first. Pure."""

from runbooks.controls import engaged_by
from runbooks.durations import duration
from runbooks.plan import Refusal, Step
from runbooks.runs import DecisionKind, Judged, Phase, RunState, Status, StepState
from runbooks.steps import Verb
from triggers.cli.words import clock

CHECKSUM_DIGITS = 8
AWAITED = frozenset({Phase.AWAITING_APPROVAL, Phase.WAITING_FOR_PERSON, Phase.AWAITING_CONFIRMATION})
"""The phases in which a person is awaited."""
_NEVER_SKIPPED = frozenset({Verb.FENCE, Verb.SALVAGE})
"""Their missing proof can be accepted by name, with its risk; going on as if nothing was missing cannot."""


def answers(state: RunState) -> tuple[str, ...]:
    """The commands that move the run on; none while nobody is awaited."""
    name = state.runbook
    found: list[str] = []
    if state.phase is Phase.AWAITING_APPROVAL:
        found += _about_the_plan(state)
    elif state.phase is Phase.AWAITING_CONFIRMATION:
        found += [f"evac confirm {name}", f"evac abort {name}"]
    elif state.phase is Phase.PLANNING and standing(state):
        found += _releases(name, *(refusal.sentence for refusal in standing(state)))
        known = acceptable_refusals(state)
        found += [f"evac accept {name} {' '.join(known)}"] if known else []
        found += [f"evac retry {name}", f"evac abort {name}"]
    elif state.phase is Phase.WAITING_FOR_PERSON:
        for step in waiting(state):
            found += _about(state, step)
        if not _aborted(state):
            found.append(f"evac abort {name}")
    if state.held and state.phase is not Phase.ENDED:
        found.insert(0, f"evac resume {name}")
    return tuple(dict.fromkeys(found))  # several steps may wait for the same answer


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
    step = _planned(state, step_id)
    return step.acceptance if step is not None and step.verb in _NEVER_SKIPPED else None


def accepting(state: RunState, name: str) -> tuple[str, ...]:
    """What somebody who accepts that name takes upon them: the sentences of the plan and of the steps that wait."""
    refused = [refusal.sentence for refusal in standing(state) if refusal.name == name]
    for step in waiting(state):
        planned = _planned(state, step.id)
        if planned is not None and planned.acceptance == name:
            refused.append(f"{planned.sentence}: {step.error or 'it is not proved'}")
    return tuple(refused)


def _planned(state: RunState, step_id: str) -> Step | None:
    steps = state.plan.steps if state.plan is not None else ()
    return next((step for step in steps if step.id == step_id), None)


def _aborted(state: RunState) -> bool:
    return any(d.refused is None and d.decision.kind is DecisionKind.ABORT for d in state.decisions)


def _about_the_plan(state: RunState) -> list[str]:
    if missing_approvals(state) == 0:
        return []
    name = state.runbook
    no = "veto" if state.approval is not None and state.approval.on_timeout == "proceed" else "reject"
    return [
        f"evac approve {name} --plan {state.checksum[:CHECKSUM_DIGITS]}",
        f'evac {no} {name} --reason "why not"',
    ]


def _releases(name: str, *sentences: str) -> list[str]:
    """The commands that release the kill switches of which these sentences tell."""
    known = {engaged_by(""): "evac kill-switch off", engaged_by(name): f"evac kill-switch off --runbook {name}"}
    return [command for told, command in known.items() if any(told in sentence for sentence in sentences)]


def _about(state: RunState, step: StepState) -> list[str]:
    name = state.runbook
    releases = _releases(name, step.error or "")
    if releases:
        return releases
    retry = f"evac retry {name} --step {step.id}"
    accept = acceptable(state, step.id)
    if accept is not None and not _aborted(state):
        return [retry, f"evac accept {name} {accept}"]
    return [retry, f'evac skip {name} --step {step.id} --reason "why it may be skipped"']
