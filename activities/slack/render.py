"""A run as Slack shows it: one message that lives. Pure.

The words are those of the screen (`runbooks/awaited.py`, `stakes.py`, `telling.py`); only their form is Slack's.
"""

import math
from collections.abc import Iterator

from activities.slack.blocks import MOST_BLOCKS, Message, context, cut, fallback, foreign, header, section, sections
from activities.slack.buttons import asks
from activities.slack.words import asked_by, at_stake, decided, kind, light, proved, route, upper
from runbooks.awaited import AWAITED, awaited, choices, planned, standing, waiting
from runbooks.durations import duration
from runbooks.outlook import against_rto
from runbooks.runs import DecisionKind, Phase, RunState, Status
from runbooks.stakes import Tone, counted, stakes, time_left
from runbooks.step_rows import QUIET, chosen, left_out, mark, took, why
from runbooks.telling import headline, measured, message
from runbooks.values import UnixTime
from runbooks.words import clock

_STEPS_SHOWN = 24
_LONGEST_REASON = 160
_LONGEST_STEP = 240
_BAR = 12
_NO_REASON = QUIET | {Status.DONE, Status.UNCHANGED, Status.WAITING}
"""What is done needs no reason here, and what waits has said it above, beside its buttons."""


def run_message(state: RunState, now: UnixTime) -> Message:
    """The one message of a run, as it stands at `now`."""
    at = math.floor(now)
    title = f"{light(state, waits=needs_a_person(state))} {kind(state)} of {state.runbook}: {route(state)}"
    blocks = [header(title), section(_standing(state, at)), section("\n".join([*_time(state, at), *at_stake(state)]))]
    blocks += asks(state)
    blocks += sections(_steps(state, at))
    said = decided(state)
    blocks += [context(said)] if said else []
    blocks.append(context(_small_print(state, at)))
    return Message(text=fallback(summary(state, at)), blocks=tuple(blocks[:MOST_BLOCKS]))


def summary(state: RunState, now: UnixTime) -> str:
    """What a telephone shows of it: who must do what by when, or how it ended."""
    start = f"{kind(state)} of {state.runbook}, {route(state)}: {headline(state)}"
    if state.outcome is not None:
        return f"{start}. {state.message} [{measured(state)}]"
    held = " (ON HOLD)" if state.held else ""
    text = f"{start}{held}. {_sentence(state, now)}"
    return ". ".join([text, *_needed(state, now)]) if needs_a_person(state) else text


def _needed(state: RunState, now: UnixTime) -> Iterator[str]:
    """What somebody must know who has only this sentence: why, what can be said, how long there is, what it costs."""
    refused = [row.sentence for row in stakes(state) if row.tone is Tone.WARNING]
    why_not = refused or [step.error for step in waiting(state) if step.error]
    if why_not:
        yield f"Because: {'; '.join(why_not)}"
    said = [f"{c.kind} {' '.join(c.accept) or c.step}".strip() for c in choices(state) if c.kind is not None]
    if said:
        yield f"Say {' or '.join(dict.fromkeys(said))}"
    yield upper(time_left(state, now))
    lost = [row.sentence for row in stakes(state) if row.tone is Tone.LOSS]
    if lost:
        yield f"May lose: {'; '.join(lost)}"


def needs_a_person(state: RunState) -> bool:
    """Nothing goes on, or goes back, until somebody has said something."""
    refuses = state.phase is Phase.PLANNING and bool(standing(state))
    return state.outcome is None and (state.phase in AWAITED or refuses or state.held)


def _standing(state: RunState, now: UnixTime) -> str:
    held = "  *ON HOLD*" if state.held and state.outcome is None else ""
    return f"*{headline(state)}*{held}\n{foreign(_sentence(state, now))}"


def _sentence(state: RunState, now: UnixTime) -> str:
    """Who is awaited for what and until when; else what goes on."""
    if state.held and state.outcome is None and state.phase not in AWAITED:
        return f"{_held_by(state)}: no further step begins until somebody says resume"
    whom = awaited(state, now)
    if whom:
        return f"Awaited: {whom}" if state.phase is Phase.AWAITING_APPROVAL else upper(whom)
    if state.phase is Phase.PLANNING and standing(state):
        return upper(message(state))
    return message(state) or "It begins"


def _held_by(state: RunState) -> str:
    """Who holds it, and why."""
    kept = (k.decision for k in reversed(state.decisions) if k.refused is None and k.decision.kind is DecisionKind.HOLD)
    said = next(kept, None)
    if said is None:
        return "On hold"
    return f"Held by {said.by} since {clock(said.at)}" + (f" ({said.reason})" if said.reason else "")


def _time(state: RunState, now: UnixTime) -> Iterator[str]:
    """The time that was promised, as a bar, and what is left of it."""
    if state.outcome is not None:
        yield f"*RTO*  {measured(state)}"
        return
    spent = against_rto(state, now)
    share = min(1.0, spent / state.rto) if state.rto else 1.0
    full = round(share * _BAR)
    yield f"*RTO*  {'▰' * full}{'▱' * (_BAR - full)}  {duration(spent)} of {duration(state.rto)} {counted(state, now)}"
    if state.phase is not Phase.UNDOING:
        yield f"*time*  {time_left(state, now)}"


def _steps(state: RunState, now: UnixTime) -> Iterator[str]:
    if state.steps and all(step.status is Status.NOT_RUN for step in state.steps):
        yield f"{mark(state.steps[0])}  none of the {len(state.steps)} steps was run"
        return
    shown = chosen(state.steps, _STEPS_SHOWN)
    for step in shown:
        time = took(step, now)
        known = planned(state, step.id)
        what = cut(foreign(known.sentence if known else step.id), _LONGEST_STEP)
        final = "  _(final)_" if known is not None and known.final else ""
        said = "" if step.status in _NO_REASON and proved(step) else why(step)
        reason = f"  {cut(foreign(said), _LONGEST_REASON)}" if said else ""
        yield f"{mark(step)}  {what}{final}{f'  ({time})' if time else ''}{reason}"
    if len(shown) < len(state.steps):
        yield left_out(state.steps, shown)


def _small_print(state: RunState, now: UnixTime) -> str:
    parts = [asked_by(state), f"part of {foreign(state.drill)}" if state.drill else ""]
    parts += [f"plan {state.checksum[:12]}" if state.checksum else "", f"run {foreign(state.run[:13])}"]
    parts.append(f"`evac status {state.runbook}`")
    parts.append(f"record {foreign(state.record)}" if state.record else f"as of {clock(now)}")
    return "  ·  ".join(part for part in parts if part)
