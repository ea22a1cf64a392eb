"""From a form or a document to a decision, with the visitor's name, proof and groups. The run judges it."""

import hashlib
import time
import uuid

from runbooks.runs import Decision, DecisionKind, Judged, Shown
from runbooks.values import Model
from triggers.console.access import Visitor
from triggers.console.asks import REASONED, TYPED, role_for
from triggers.console.forms import readable, typed
from triggers.console.refusals import FORBIDDEN, TurnedAwayError
from triggers.console.sight import Sight
from triggers.errors import UnclearError
from triggers.judgement import Steered, counts, refused


class Said(Model):
    """What was sent. The same `id` of the same visitor counts once, however often it is sent."""

    kind: DecisionKind
    id: str = ""
    run: str = ""
    """Only this run is meant; empty: the one that is going."""
    step: str = ""
    accept: str = ""
    """The name of what is accepted."""
    checksum: str = ""
    reason: str = ""
    shown: Shown | None = None


class Answer(Model):
    """What the run made of it: `refused` is why it does not count, or None."""

    counts: bool
    sentence: str
    refused: str | None = None
    judged: Judged


def of_form(form: dict[str, str], runbook: str) -> Said:
    """What the form says. Raises UnclearError when it cannot be meant."""
    with readable():
        shown = Shown.model_validate_json(form["shown"]) if form.get("shown") else None
        given = {name: form.get(name, "") for name in ("id", "run", "step", "accept", "checksum", "reason")}
        said = Said.model_validate({"kind": form.get("kind", ""), "shown": shown, **given})
    if said.kind in TYPED:
        typed(form, runbook, "nothing was sent")
    return said


async def say(sight: Sight, visitor: Visitor, runbook: str, said: Said) -> Answer:
    """Hand it to the run. Raises TurnedAwayError, UnclearError, RunEndedError, NoAnswerError."""
    return _answer(*await sight.say(runbook, decision_of(visitor, said), said.run))


async def say_to_drill(sight: Sight, visitor: Visitor, runbook: str, said: Said) -> Answer:
    """Hand it to the drill itself. Raises as `say` does."""
    return _answer(*await sight.say_to_drill(runbook, decision_of(visitor, said), said.run))


def decision_of(visitor: Visitor, said: Said) -> Decision:
    """The decision, as the visitor's. Raises TurnedAwayError, UnclearError."""
    why_not = visitor.why_not(role_for(said.kind))
    if why_not is not None:
        raise TurnedAwayError(FORBIDDEN, f"{why_not}.", "Ask an approver, or an administrator of the console.")
    if said.kind in REASONED and not said.reason.strip():
        message = f"give a reason: a {said.kind} is kept with it"
        raise UnclearError(message)
    if said.kind is DecisionKind.ACCEPT and not said.accept:
        message = "say what you accept, by its name: the state of the run lists it"
        raise UnclearError(message)
    return Decision(
        id=id_of(visitor, said.id or uuid.uuid4().hex),
        kind=said.kind,
        by=visitor.name,
        at=time.time(),
        checksum=said.checksum,
        step=said.step,
        reason=said.accept if said.kind is DecisionKind.ACCEPT else said.reason.strip(),
        proof=visitor.proof,
        groups=visitor.groups,
        shown=said.shown,
    )


def _answer(judged: Judged, state: Steered) -> Answer:
    no = refused(judged)
    sentence = no or counts([judged.decision], state)
    return Answer(counts=no is None, sentence=sentence, refused=judged.refused, judged=judged)


def id_of(visitor: Visitor, given: str) -> str:
    """Nobody can say something under the id of another's decision."""
    told = f"{visitor.name}\n{visitor.proof}\n{given}"
    return f"console-{hashlib.sha256(told.encode()).hexdigest()[:32]}"
