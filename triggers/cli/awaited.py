"""What a person can say to a run now: the exact commands, most useful first. Pure."""

from runbooks.plan import Refusal
from runbooks.runs import Phase, RunState, Status, StepState
from runbooks.steps import Verb

CHECKSUM_DIGITS = 8


def answers(state: RunState) -> tuple[str, ...]:
    """The commands that move the run on; none while nobody is awaited."""
    name = state.runbook
    found: list[str] = []
    if state.phase is Phase.AWAITING_APPROVAL:
        found += [
            f"evac approve {name} --plan {state.checksum[:CHECKSUM_DIGITS]}",
            f'evac reject {name} --reason "why not"',
        ]
    elif state.phase is Phase.PLANNING and standing(state):
        found += [f"evac accept {name} {what}" for what in acceptable_refusals(state)]
        found += [f"evac retry {name}", f"evac abort {name}"]
    elif state.phase is Phase.WAITING_FOR_PERSON:
        for step in waiting(state):
            found += _about(state, step)
        found.append(f"evac abort {name}")
    if state.held and state.phase is not Phase.ENDED:
        found.insert(0, f"evac resume {name}")
    return tuple(found)


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
    step = next((step for step in state.plan.steps if step.id == step_id), None) if state.plan else None
    return f"unproved-{step.verb}:{step.resource}" if step is not None and step.verb is Verb.FENCE else None


def _about(state: RunState, step: StepState) -> list[str]:
    name = state.runbook
    retry = f"evac retry {name} --step {step.id}"
    accept = acceptable(state, step.id)
    if accept is not None:
        return [retry, f"evac accept {name} {accept}"]
    return [retry, f'evac skip {name} --step {step.id} --reason "why it may be skipped"']
