"""A past run second by second: when each step took which state, and what was said when. Pure."""

from typing import Any

from runbooks.outlook import began
from runbooks.runs import RunState, Status

_ENDED = frozenset({Status.DONE, Status.UNCHANGED, Status.SKIPPED, Status.UNDONE, Status.WAITING})
_ASKED = "Waiting for a person"
"""How the story says that a step cannot go on by itself (`workflows/board.py`)."""


def frames(state: RunState) -> dict[str, Any]:
    """For the script of the page: seconds are after the begin."""
    zero = began(state)
    end = max([state.ended_at or state.started_at, *(event.at for event in state.events)])
    said = [
        (judged.decision.at, f"{judged.decision.by}: {judged.decision.kind} {judged.decision.step}".rstrip())
        for judged in state.decisions
    ]
    notes = sorted([*((event.at, event.text) for event in state.events), *said])
    return {
        "zero": zero,
        "length": round(max(0.0, end - zero), 3),
        "steps": [{"id": step.id, "states": _states(state, step.id, zero)} for step in state.steps],
        "notes": [{"at": round(max(0.0, at - zero), 3), "text": text} for at, text in notes],
    }


def _states(state: RunState, name: str, zero: float) -> list[dict[str, Any]]:
    """Each state of the step, and from when on."""
    step = next(step for step in state.steps if step.id == name)
    found: list[tuple[float, str]] = []
    if step.started_at is not None:
        found.append((step.started_at, Status.RUNNING.value))
        found += [
            (event.at, Status.WAITING.value) for event in state.events if event.step == name and _ASKED in event.text
        ]
    if step.ended_at is not None and step.status in _ENDED:
        found.append((step.ended_at, step.status.value))
    elif step.status is Status.NOT_RUN and state.ended_at is not None:
        found.append((state.ended_at, step.status.value))
    return [{"at": round(max(0.0, at - zero), 3), "status": status} for at, status in sorted(found)]
