"""What a person can say to a run now: the exact commands, most useful first. Pure."""

from runbooks.awaited import Choice, choices
from runbooks.runs import DecisionKind, RunState

CHECKSUM_DIGITS = 8


def answers(state: RunState) -> tuple[str, ...]:
    """The commands that move the run on; none while nobody is awaited."""
    return tuple(dict.fromkeys(command(state, choice) for choice in choices(state)))


def command(state: RunState, choice: Choice) -> str:
    """The command that says it."""
    name = state.runbook
    if choice.kind is None:
        return "evac kill-switch off" + (f" --runbook {choice.scope}" if choice.scope else "")
    said = f"evac {choice.kind} {name}"
    if choice.kind is DecisionKind.APPROVE:
        return f"{said} --plan {state.checksum[:CHECKSUM_DIGITS]}"
    if choice.kind in (DecisionKind.REJECT, DecisionKind.VETO):
        return f'{said} --reason "why not"'
    if choice.kind is DecisionKind.ACCEPT:
        return f"{said} {' '.join(choice.accept)}"
    said += f" --step {choice.step}" if choice.step else ""
    return f'{said} --reason "why it may be skipped"' if choice.kind is DecisionKind.SKIP else said
