"""Starting procedures from the console: the same way as from the command line and from chat."""

import time
import uuid
from typing import Literal

from pydantic import ValidationError

from runbooks.drills import DrillInput, Mode
from runbooks.models import Procedure, Runbook
from runbooks.readiness import ReadinessInput
from runbooks.runs import Trigger
from runbooks.values import Model
from triggers.asking import no_such_region, run_request, way_home
from triggers.composite import start_drill, start_readiness
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.refusals import FORBIDDEN, TurnedAwayError
from triggers.console.sight import Sight
from triggers.errors import UnclearError
from triggers.joining import another, beginning
from triggers.start import start_run

Startable = Literal["failover", "switchover", "failback", "drill", "readiness"]
_HARMLESS = frozenset({Procedure.DRILL, Procedure.READINESS})
_SEE = "the page of {name}'s run"


class Wish(Model):
    """What is to be started."""

    procedure: Startable
    source: str | None = None
    target: str | None = None
    accept: tuple[str, ...] = ()
    force: bool = False
    mode: Mode | None = None
    reason: str = ""
    id: str = ""
    """The same `id` counts once."""


class Begun(Model):
    """What was begun, or joined."""

    started: bool
    """False: something else goes on, and nothing was started."""
    sentence: str


class Offer(Model):
    """One procedure that can be started. `why_not`: this visitor may not, and why."""

    procedure: str
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    typed: bool
    why_not: str | None = None


def role_for(procedure: Procedure) -> ConsoleRole:
    """Who may start it."""
    return ConsoleRole.OPERATOR if procedure in _HARMLESS else ConsoleRole.ADMIN


def offers(book: Runbook, visitor: Visitor) -> tuple[Offer, ...]:
    """What can be started of the runbook."""
    regions = tuple(book.regions)
    found = []
    for name in (Procedure.READINESS, Procedure.DRILL, Procedure.SWITCHOVER, Procedure.FAILOVER, Procedure.FAILBACK):
        some = () if name is Procedure.READINESS else regions
        why_not = visitor.why_not(role_for(name))
        typed = name is not Procedure.READINESS
        found.append(Offer(procedure=name.value, sources=some, targets=some, typed=typed, why_not=why_not))
    return tuple(found)


def of_form(form: dict[str, str], name: str) -> Wish:
    """What the form says. Raises UnclearError when it cannot be meant."""
    try:
        wish = Wish(
            procedure=form.get("procedure", ""),
            source=form.get("source") or None,
            target=form.get("target") or None,
            reason=form.get("reason", "").strip(),
        )
    except ValidationError as error:
        message = f"this form cannot be read: {error.errors()[0]['msg']}"
        raise UnclearError(message) from None
    if Procedure(wish.procedure) is not Procedure.READINESS and form.get("typed", "").strip() != name:
        message = f"nothing was started: type {name} to confirm that you mean it"
        raise UnclearError(message)
    return wish


async def start(sight: Sight, visitor: Visitor, name: str, wish: Wish) -> Begun:
    """Start it, or join what goes on. Raises TurnedAwayError, UnclearError, NoSuchRunError, RPCError."""
    procedure = Procedure(wish.procedure)
    why_not = visitor.why_not(role_for(procedure))
    if why_not is not None:
        raise TurnedAwayError(FORBIDDEN, f"{why_not}.", "Ask an administrator of the console.")
    read = sight.book(name)
    wrong = no_such_region(read.runbook, wish.source, wish.target)
    if wrong is not None:
        raise UnclearError(wrong)
    asked = Trigger(
        id=f"console-{wish.id or uuid.uuid4().hex}",
        kind="person",
        by=visitor.name,
        proof=visitor.proof,
        at=time.time(),
        reason=wish.reason,
        procedure=procedure,
    )
    if procedure is Procedure.READINESS:
        report = ReadinessInput(runbook=read.runbook, text=read.text, trigger=asked)
        begun = await start_readiness(sight.temporal, sight.settings, report)
        return _composite(f"a readiness report of {name}", joined=begun.joined)
    if procedure is Procedure.DRILL:
        given = {"mode": wish.mode, "source": wish.source, "target": wish.target, "accept": wish.accept}
        drill = DrillInput.model_validate({"runbook": read.runbook, "text": read.text, "trigger": asked, **given})
        joined = (await start_drill(sight.temporal, sight.settings, drill)).joined
        return _composite(f"a {drill.the_mode} drill of {name}", joined=joined)
    source, target = wish.source, wish.target
    if procedure is Procedure.FAILBACK:
        source, target = await way_home(read.runbook, source, target)
    if source is None:
        message = f"say which region of {name} is left"
        raise UnclearError(message)
    more = {"source": source, "target": target, "accept": wish.accept, "force": wish.force}
    request = run_request(read, asked.model_copy(update=more))
    started = await start_run(sight.temporal, sight.settings, request)
    no = another(request, started, _SEE)
    return Begun(started=no is None, sentence=no or beginning(request, started, _SEE))


def _composite(what: str, *, joined: bool) -> Begun:
    return Begun(started=not joined, sentence=f"{what} is going already" if joined else f"started: {what}")
