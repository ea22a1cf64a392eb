"""What the message, its thread and the report say alike of a run. Pure."""

from collections.abc import Iterator

from activities.slack.blocks import cut, foreign
from runbooks.awaited import planned
from runbooks.runs import DecisionKind, Outcome, RunState, Status, StepState, Trigger
from runbooks.stakes import Tone, stakes
from runbooks.words import clock

_DECISIONS_SHOWN = 8
_LONGEST_REASON = 300
_GOOD = frozenset({Outcome.RECOVERED, Outcome.COMPLETED})
_HALF = frozenset({Outcome.SUPERSEDED, Outcome.APPLIED_NOT_CONFIRMED})


def kind(state: RunState) -> str:
    """The procedure; a drill says so first."""
    return f"DRILL: {state.procedure}" if state.drill else state.procedure.capitalize()


def route(state: RunState) -> str:
    """From where to where; a plain text object shows no `->`."""
    return f"{state.source} → {state.target or 'not chosen yet'}"


def light(state: RunState, *, waits: bool) -> str:
    """To be seen from afar: how it ended, or whether somebody is awaited."""
    if state.outcome is not None:
        return "🟢" if state.outcome in _GOOD else "🟠" if state.outcome in _HALF else "🔴"
    return "🟡" if waits else "🔵"


def upper(text: str) -> str:
    """The sentence as it begins."""
    return text[:1].upper() + text[1:]


def proved(step: StepState) -> bool:
    """Its effect is beyond doubt, as far as it has had one."""
    return step.result is None or step.result.proved


def named(state: RunState, step: StepState) -> str:
    """The step in words, and why it was skipped."""
    known = planned(state, step.id)
    reason = f" ({step.error})" if step.status is Status.SKIPPED and step.error else ""
    return foreign((known.sentence if known else step.id) + reason)


def at_stake(state: RunState) -> Iterator[str]:
    """What is lost, and what an abort would do; refusals stand beside the buttons that accept them."""
    for row in stakes(state):
        if row.tone is not Tone.WARNING:
            label = f"*{row.label}*" if row.label else "        before:"
            yield f"{label}  {foreign(row.sentence)}"


def decided(state: RunState) -> str:
    """Who has decided what, when; empty when nobody has."""
    said = [kept.decision for kept in state.decisions if kept.refused is None]
    told = []
    for one in said[-_DECISIONS_SHOWN:]:
        accepts = one.kind is DecisionKind.ACCEPT
        reason = f" {foreign(one.reason)}" if accepts else f" ({foreign(one.reason)})" if one.reason else ""
        what = "accepted" if accepts else f"said {one.kind}"
        told.append(f"{foreign(one.by)} {what}{cut(reason, _LONGEST_REASON)} at {clock(one.at)}")
    return f"*decided*  {'; '.join(told)}" if told else ""


def asked_by(state: RunState) -> str:
    """Whose wish this run is, and not that of a run that it went on from."""
    own = (t for t in state.triggers if t.procedure == state.procedure and t.source in ("", state.source))
    trigger: Trigger | None = next(own, state.triggers[-1] if state.triggers else None)
    if trigger is None:
        return ""
    reason = f" ({foreign(trigger.reason)})" if trigger.reason else ""
    return f"asked by {foreign(trigger.by)} at {clock(trigger.at)}{cut(reason, _LONGEST_REASON)}"
