"""The buttons of a run's message: what a person can say now, and nothing that would only be refused. Pure."""

from activities.slack.blocks import Block, Dialog, actions, button, cut, foreign, section
from activities.slack.ids import Asked, action_id
from activities.slack.words import kind as kind_in_words
from activities.slack.words import route
from runbooks.awaited import about_step, accepting, choices, planned, standing, waiting
from runbooks.outlook import if_aborted
from runbooks.plan import Loss
from runbooks.runs import DecisionKind, Phase, RunState, StepState

LONGEST_VALUE = 2000
_STEPS = 4
"""So many waiting steps have buttons of their own; if there are more, all of them are retried together."""
_REFUSALS = 10
_LONGEST_REASON = 600
_OPEN = frozenset(
    {Phase.CONFIRMING, Phase.OBSERVING, Phase.PLANNING, Phase.RUNNING, Phase.WAITING_FOR_PERSON, Phase.UNDOING}
)
_HOLDS = frozenset({Phase.AWAITING_APPROVAL, Phase.RUNNING, Phase.WAITING_FOR_PERSON, Phase.UNDOING})
_WORDS = {
    DecisionKind.APPROVE: "Approve",
    DecisionKind.REJECT: "Reject",
    DecisionKind.VETO: "Veto",
    DecisionKind.RETRY: "Retry",
    DecisionKind.SKIP: "Skip",
    DecisionKind.ABORT: "Abort",
    DecisionKind.HOLD: "Hold",
    DecisionKind.RESUME: "Resume",
    DecisionKind.CONFIRM: "Confirm",
}
_STYLES = {
    DecisionKind.APPROVE: "primary",
    DecisionKind.CONFIRM: "primary",
    DecisionKind.REJECT: "danger",
    DecisionKind.VETO: "danger",
    DecisionKind.ABORT: "danger",
    DecisionKind.ACCEPT: "danger",
}


def asks(state: RunState) -> list[Block]:
    """What is asked, each thing with its buttons, and last what can be said to the run as a whole."""
    if state.outcome is not None or state.phase is Phase.RECORDING:
        return []
    found = [*_refusals(state), *_waiting(state)]
    row = [_button(state, kind) for kind in _about_the_run(state)]
    return [*found, actions("evac.run", row)] if row else found


def _refusals(state: RunState) -> list[Block]:
    """Why the plan refuses itself; what has a name has the button that accepts it beside it."""
    if state.phase is not Phase.PLANNING:
        return []
    refusals = standing(state)
    found = []
    offered: set[str] = set()
    for refusal in refusals[:_REFUSALS]:
        name = refusal.name
        why = cut(foreign(refusal.sentence), _LONGEST_REASON)
        if name is None:
            found.append(section(f"*blocked*  {why}\nNobody can accept this: put it right, then let it look again"))
            continue
        found.append(section(f"*refused {foreign(name)}*  {why}", None if name in offered else _accept(state, name)))
        offered.add(name)
    if len(refusals) > _REFUSALS:
        found.append(
            section(f"… and {len(refusals) - _REFUSALS} more reasons; `evac status {state.runbook}` shows all")
        )
    return found + _switches(state)


def _switches(state: RunState) -> list[Block]:
    """What no button can say."""
    scopes = [choice.scope for choice in choices(state) if choice.kind is None]
    commands = (f"evac kill-switch off{f' --runbook {scope}' if scope else ''}" for scope in scopes)
    return [section(f"the kill switch is engaged; release it with `{command}`") for command in commands]


def _waiting(state: RunState) -> list[Block]:
    """Each step that waits, why, and its buttons."""
    steps = waiting(state)
    found = []
    for number, step in enumerate(steps[:_STEPS]):
        known = planned(state, step.id)
        why = cut(foreign(step.error or "it does not say why"), _LONGEST_REASON)
        what = cut(foreign(known.sentence if known else step.id), _LONGEST_REASON)
        found.append(section(f"*! {what}*\nwaits for you: {why}"))
        row = _about(state, step)
        found += [actions(f"evac.step.{number}", row)] if row else []
    if len(steps) > _STEPS:
        more = f"… and {len(steps) - _STEPS} more steps wait; `evac status {state.runbook}` shows all"
        found.append(section(more, _button(state, DecisionKind.RETRY, text=f"Retry all {len(steps)}")))
    return found + (_switches(state) if steps else [])


def _about(state: RunState, step: StepState) -> list[Block]:
    row = []
    for choice in about_step(state, step):
        if choice.kind is DecisionKind.ACCEPT:
            row += [_accept(state, name, step.id) for name in choice.accept]
        elif choice.kind is not None:
            row.append(_button(state, choice.kind, step=step.id))
    return row


def _about_the_run(state: RunState) -> list[DecisionKind]:
    said = [choice.kind for choice in choices(state) if choice.kind is not None and not choice.step]
    row: list[DecisionKind] = [
        kind for kind in said if kind not in (DecisionKind.ACCEPT, DecisionKind.RESUME, DecisionKind.ABORT)
    ]
    if state.phase in _HOLDS:
        row.append(DecisionKind.RESUME if state.held else DecisionKind.HOLD)
    gone = any(d.refused is None and d.decision.kind is DecisionKind.ABORT for d in state.decisions)
    approved = state.phase is Phase.AWAITING_APPROVAL and not said
    if DecisionKind.ABORT in said or ((state.phase in _OPEN or approved) and not gone):
        row.append(DecisionKind.ABORT)
    return row


def _accept(state: RunState, name: str, step: str = "") -> Block:
    taken = "\n".join(accepting(state, name)) or "You take the risk that this name stands for."
    dialog = Dialog(title=f"Accept {name}?", question=taken, yes="Accept the risk")
    value = _value(state, step=step, accept=name)
    return button(f"Accept {name}", action_id(DecisionKind.ACCEPT), value, "danger", dialog)


def _button(state: RunState, kind: DecisionKind, *, step: str = "", text: str = "") -> Block:
    look_again = kind is DecisionKind.RETRY and state.phase is Phase.PLANNING
    said = text or ("Look again" if look_again else _WORDS[kind])
    loss = state.plan.loss if state.plan is not None and kind is DecisionKind.APPROVE else ()
    value = _value(state, step=step, loss=loss)
    return button(said, action_id(kind), value, _STYLES.get(kind, ""), _dialog(state, kind))


def _dialog(state: RunState, kind: DecisionKind) -> Dialog | None:
    moves = f"{kind_in_words(state)} of {state.runbook}: {route(state)}."
    if kind is DecisionKind.APPROVE:
        losses = [loss.sentence for loss in state.plan.loss if loss.seconds != 0] if state.plan else []
        lost = f"May lose: {'; '.join(losses)}" if losses else "It loses no data."
        return Dialog(title=f"Approve the {state.procedure}?", question=f"{moves}\n{lost}", yes="Approve")
    if kind is DecisionKind.ABORT:
        would = if_aborted(state)
        question = f"{moves}\nAn abort {would}." if would else f"{moves}\nNothing has been changed yet."
        return Dialog(title=f"Abort the {state.procedure}?", question=question, yes="Abort", no="Go on")
    if kind is DecisionKind.CONFIRM:
        question = f"{moves}\nIt stays in {state.target}; nothing goes back by itself any more."
        return Dialog(title=f"Confirm the {state.procedure}?", question=question, yes="Confirm")
    return None


def _value(state: RunState, *, step: str = "", accept: str = "", loss: tuple[Loss, ...] = ()) -> str:
    """As the door reads it. Where the losses are too long for Slack, the checksum alone says which were shown."""
    asked = Asked(
        runbook=state.runbook, run=state.run, checksum=state.checksum, step=step, accept=accept, loss=tuple(loss)
    )
    value = asked.model_dump_json(exclude_defaults=True)
    if len(value) <= LONGEST_VALUE:
        return value
    return asked.model_copy(update={"loss": ()}).model_dump_json(exclude_defaults=True)
