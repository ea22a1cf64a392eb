"""What a visitor can say to a drill or an evacuation now: one form each, or why it is not for this visitor. Pure."""

import hashlib
from typing import Literal

from runbooks.drills import DrillState
from runbooks.evacuation import EvacuateState, EvacuationPhase
from runbooks.values import Model
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.works import State

WordKind = Literal["abort", "go-on", "stop"]
ROLES: dict[WordKind, ConsoleRole] = {
    "abort": ConsoleRole.OPERATOR,
    "stop": ConsoleRole.OPERATOR,
    "go-on": ConsoleRole.APPROVER,
}
"""Going on starts what moves the traffic, in spite of what went wrong; the others start nothing."""
_LABELS: dict[WordKind, str] = {
    "abort": "Abort the drill",
    "go-on": "Go on with the evacuation",
    "stop": "Stop the evacuation",
}
_TOLD: dict[WordKind, str] = {
    "abort": "The leg that goes on is aborted; while the system serves away from home, it comes home.",
    "go-on": "What went wrong so far holds it back no longer: the next runbooks are started.",
    "stop": "Nothing more is started. The runs that go on are left alone: each takes its own decisions.",
}


class WorkAsk(Model):
    """One form. `why_not`: this visitor may not, and why."""

    kind: WordKind
    label: str
    told: str
    reasoned: bool
    awaited: bool = False
    why_not: str | None = None


def work_asks(state: State, visitor: Visitor) -> tuple[WorkAsk, ...]:
    """What it waits for first; nothing once it has ended."""
    if state.ended_at is not None:
        return ()
    if isinstance(state, DrillState):
        return (_ask("abort", visitor),)
    if not isinstance(state, EvacuateState):
        return ()
    stop = _ask("stop", visitor)
    if state.phase is not EvacuationPhase.WAITING_FOR_PERSON:
        return (stop,)
    return tuple(ask.model_copy(update={"awaited": True}) for ask in (_ask("go-on", visitor), stop))


def version(state: State, visitor: Visitor) -> str:
    """Another one when other forms are to be shown: what somebody is typing is not taken away otherwise."""
    said = "\n".join(ask.model_dump_json() for ask in work_asks(state, visitor))
    return hashlib.sha256(f"{state.run}\n{said}".encode()).hexdigest()[:16]


def _ask(kind: WordKind, visitor: Visitor) -> WorkAsk:
    why_not = visitor.why_not(ROLES[kind])
    return WorkAsk(kind=kind, label=_LABELS[kind], told=_TOLD[kind], reasoned=kind != "go-on", why_not=why_not)
