"""What a visitor can say to a run now: one form each, or why it is not for this visitor. Pure."""

import hashlib

from runbooks.awaited import accepting, choices, planned
from runbooks.budget import budget
from runbooks.models import Procedure
from runbooks.outlook import if_aborted
from runbooks.runs import DecisionKind, Phase, RunState, Shown
from runbooks.values import Model
from triggers.console.access import ConsoleRole, Visitor

APPROVERS = frozenset(
    {
        DecisionKind.APPROVE,
        DecisionKind.REJECT,
        DecisionKind.ACCEPT,
        DecisionKind.SKIP,
        DecisionKind.CONFIRM,
        DecisionKind.VETO,
    }
)
"""What needs an approver; the rest an operator may say."""
TYPED = frozenset({DecisionKind.APPROVE, DecisionKind.ACCEPT, DecisionKind.SKIP, DecisionKind.ABORT})
"""What is said only by somebody who types the runbook's name."""
REASONED = frozenset({DecisionKind.SKIP, DecisionKind.VETO, DecisionKind.REJECT, DecisionKind.ABORT})
"""What needs a reason, which is kept in the record."""
_OVER = frozenset({Phase.RECORDING, Phase.ENDED})
_CHECKSUM = 12


class Ask(Model):
    """One form. `why_not`: this visitor may not, and why."""

    kind: DecisionKind
    label: str
    told: tuple[str, ...] = ()
    """What whoever says it takes upon them."""
    step: str = ""
    accept: str = ""
    checksum: str = ""
    shown: str = ""
    awaited: bool = True
    """The run waits for it; the others can be said at any time."""
    typed: bool = False
    reasoned: bool = False
    why_not: str | None = None

    @property
    def name(self) -> str:
        """For the ids of its fields."""
        return hashlib.sha256(f"{self.kind} {self.step} {self.accept}".encode()).hexdigest()[:8]


def role_for(kind: DecisionKind) -> ConsoleRole:
    """Who may say it here; the run judges it in the end."""
    return ConsoleRole.APPROVER if kind in APPROVERS else ConsoleRole.OPERATOR


def asks(state: RunState, visitor: Visitor, now: float) -> tuple[Ask, ...]:
    """What moves the run on first, then what can be said at any time."""
    if state.phase in _OVER:
        return ()
    found = [
        _ask(state, visitor, choice.kind, choice.step, name, now)
        for choice in choices(state)
        if choice.kind is not None
        for name in (choice.accept or ("",))
    ]
    kinds = {ask.kind for ask in found}
    always = (DecisionKind.RESUME if state.held else DecisionKind.HOLD, DecisionKind.ABORT)
    more = [_ask(state, visitor, kind, "", "", now) for kind in always if kind not in kinds]
    return (*found, *(ask.model_copy(update={"awaited": False}) for ask in more))


def released(state: RunState) -> tuple[str, ...]:
    """The scopes of the kill switches that must be released first; empty: of all runbooks."""
    return tuple(choice.scope for choice in choices(state) if choice.kind is None)


def _ask(state: RunState, visitor: Visitor, kind: DecisionKind, step: str, accept: str, now: float) -> Ask:  # noqa: PLR0913, PLR0917 - a row
    of_plan = kind in APPROVERS and bool(state.checksum)
    shown = ""
    if kind is DecisionKind.APPROVE and state.plan is not None:
        shown = Shown(loss=state.plan.loss, left=max(0.0, budget(state, now).left)).model_dump_json()
    return Ask(
        kind=kind,
        label=_label(state, kind, step, accept),
        told=_told(state, kind, step, accept),
        step=step,
        accept=accept,
        checksum=state.checksum if of_plan else "",
        shown=shown,
        typed=kind in TYPED,
        reasoned=kind in REASONED,
        why_not=visitor.why_not(role_for(kind)),
    )


def _label(state: RunState, kind: DecisionKind, step: str, accept: str) -> str:
    word = kind.value.capitalize()
    if kind is DecisionKind.APPROVE:
        return f"Approve plan {state.checksum[:_CHECKSUM]}"
    if kind is DecisionKind.CONFIRM:
        return "Confirm: what was moved stays"
    return f"{word} {accept or step}".rstrip()


def _told(state: RunState, kind: DecisionKind, step: str, accept: str) -> tuple[str, ...]:
    if kind is DecisionKind.ACCEPT:
        return accepting(state, accept)
    if kind is DecisionKind.ABORT:
        would = if_aborted(state)
        return () if would is None else (f"An abort {would}.",)
    if kind is DecisionKind.SKIP:
        known = planned(state, step)
        done = "The run can then end no better than applied, not confirmed."
        return (done,) if known is None else (f"{known.sentence}: not done.", done)
    if kind is DecisionKind.APPROVE and state.plan is not None:
        moves = f"{_capital(state.procedure)} of {state.runbook}: {state.source} to {state.target}."
        return (moves, *(f"May lose: {loss.sentence}." for loss in state.plan.loss if loss.seconds != 0))
    return ()


def _capital(procedure: Procedure) -> str:
    return procedure.value.capitalize()
