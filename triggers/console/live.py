"""What the page of a run shows, made of the run's state at one moment: the same words as the screen and Slack. Pure."""

import hashlib
from typing import Any

from markupsafe import Markup

from audit import gantt
from audit.critical import critical
from runbooks.awaited import awaited
from runbooks.outlook import elapsed
from runbooks.runs import Phase, RunState
from runbooks.stakes import Tone, counted, stakes, time_left
from runbooks.step_rows import mark, took, why
from runbooks.telling import headline, measured, message
from runbooks.words import route
from triggers.console import bar, graph
from triggers.console.access import Visitor
from triggers.console.asks import asks, released

_TONES = {Tone.LOSS: "warn", Tone.WARNING: "bad", Tone.EARLIER: "dim", Tone.PLAIN: ""}
_GOOD = frozenset({"recovered", "completed"})
_WAITS = frozenset({Phase.AWAITING_APPROVAL, Phase.WAITING_FOR_PERSON, Phase.AWAITING_CONFIRMATION})


def told(state: RunState, now: float) -> dict[str, Any]:
    """Everything but the forms; a past run is shown with the same."""
    over = state.ended_at is not None
    drawn = gantt.chart(state if over else state.model_copy(update={"ended_at": now}))
    path = critical(state, state.ended_at or now)
    planned = {step.id: step for step in state.plan.steps} if state.plan is not None else {}
    return {
        "state": state,
        "headline": headline(state),
        "tone": tone(state),
        "message": message(state),
        "awaited": awaited(state, now),
        "route": route(state),
        "elapsed": elapsed(state, now),
        "counted": measured(state) if over else counted(state, now),
        "time_left": "" if over else time_left(state, now),
        "bar": Markup(bar.svg(state, now)),  # noqa: S704 - each of these escapes what it is given
        "gantt": Markup(gantt.svg(drawn)) if drawn.bars else "",  # noqa: S704
        "rto_note": drawn.rto_note,
        "graph": Markup(graph.svg(state, path)),  # noqa: S704
        "stakes": [(stake.label, stake.sentence, _TONES[stake.tone]) for stake in stakes(state)],
        "steps": [
            {
                "mark": mark(step),
                "id": step.id,
                "status": step.status.value,
                "sentence": planned[step.id].sentence if step.id in planned else step.id,
                "took": took(step, now),
                "why": why(step),
                "critical": step.id in path,
            }
            for step in state.steps
        ],
    }


def shown(state: RunState, visitor: Visitor, now: float) -> dict[str, Any]:
    """All of it, with what this visitor can say."""
    found = asks(state, visitor, now)
    return {
        **told(state, now),
        "asks": found,
        "released": released(state),
        "version": version(state, visitor),
    }


def tone(state: RunState) -> str:
    """Whether it is good, bad, or waits for somebody: a class, beside the word that says it."""
    if state.outcome is not None:
        return "good" if state.outcome.value in _GOOD else "bad"
    waits = state.phase in _WAITS or headline(state) == "THE PLAN REFUSES ITSELF"
    return "warn" if waits or state.held else "calm"


def version(state: RunState, visitor: Visitor) -> str:
    """Another one when other forms are to be shown: what somebody is typing is not taken away otherwise."""
    forms = asks(state, visitor, 0.0)
    said = "\n".join(ask.model_dump_json(exclude={"shown"}) for ask in forms)
    return hashlib.sha256(f"{state.run}\n{said}\n{released(state)}".encode()).hexdigest()[:16]
