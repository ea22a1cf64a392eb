"""Starting procedures from the console: the same way as from the command line and from chat."""

import time
import uuid
from typing import Literal, get_args

from runbooks.drills import DrillInput, Mode
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure, Runbook
from runbooks.readiness import ReadinessInput
from runbooks.restoring import RestoreTestInput, stores
from runbooks.runs import Trigger
from runbooks.values import Model
from triggers.asking import no_such_region, run_request, way_home
from triggers.composite import start_drill, start_readiness, start_restore_test
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.forms import readable, typed
from triggers.console.refusals import FORBIDDEN, TurnedAwayError
from triggers.console.sight import Sight
from triggers.errors import UnclearError
from triggers.joining import another, beginning
from triggers.start import start_run

Startable = Literal["failover", "switchover", "failback", "drill", "readiness", "restore-test"]
_HARMLESS = frozenset({Procedure.DRILL, Procedure.READINESS, Procedure.RESTORE_TEST})
_UNTYPED = frozenset({Procedure.READINESS, Procedure.RESTORE_TEST})
"""Nothing in use is touched by them."""
_ORDER = (
    Procedure.READINESS,
    Procedure.RESTORE_TEST,
    Procedure.DRILL,
    Procedure.SWITCHOVER,
    Procedure.FAILOVER,
    Procedure.FAILBACK,
)
_SEE = "the page of {name}'s run"


class Wish(Model):
    """What is to be started."""

    procedure: Startable
    source: str | None = None
    target: str | None = None
    accept: tuple[str, ...] = ()
    force: bool = False
    mode: Mode | None = None
    resource: str | None = None
    """The only store that a restore test restores; `target` is where."""
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
    stores: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    typed: bool
    why_not: str | None = None


def role_for(procedure: Procedure) -> ConsoleRole:
    """Who may start it."""
    return ConsoleRole.OPERATOR if procedure in _HARMLESS else ConsoleRole.ADMIN


def offers(book: Runbook, visitor: Visitor) -> tuple[Offer, ...]:
    """What can be started of the runbook."""
    regions = tuple(book.regions)
    found = []
    for name in _ORDER:
        offer = Offer(
            procedure=name.value,
            sources=() if name in _UNTYPED else regions,
            targets=() if name is Procedure.READINESS else regions,
            stores=tuple(stores(book)) if name is Procedure.RESTORE_TEST else (),
            modes=get_args(Mode) if name is Procedure.DRILL else (),
            typed=name not in _UNTYPED,
            why_not=visitor.why_not(role_for(name)),
        )
        found.append(offer)
    return tuple(found)


def of_form(form: dict[str, str], name: str) -> Wish:
    """What the form says. Raises UnclearError when it cannot be meant."""
    with readable():
        given = {name: form.get(name) or None for name in ("source", "target", "mode", "resource")}
        wish = Wish.model_validate(
            {"procedure": form.get("procedure", ""), "reason": form.get("reason", "").strip(), **given}
        )
    if Procedure(wish.procedure) not in _UNTYPED:
        typed(form, name, "nothing was started")
    return wish


def trigger_of(visitor: Visitor, id_: str, reason: str, procedure: Procedure) -> Trigger:
    """The visitor's wish, as whoever starts a workflow wants it; without an `id_` it is another one each time."""
    return Trigger(
        id=f"console-{id_ or uuid.uuid4().hex}",
        kind="person",
        by=visitor.name,
        proof=visitor.proof,
        at=time.time(),
        reason=reason,
        procedure=procedure,
    )


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
    asked = trigger_of(visitor, wish.id, wish.reason, procedure)
    if procedure in _HARMLESS:
        return await _composite(sight, read, asked, wish)
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


async def _composite(sight: Sight, read: LoadedRunbook, asked: Trigger, wish: Wish) -> Begun:
    """What is made of runs and checks: started, or found as it goes on."""
    name = read.runbook.name
    common = {"runbook": read.runbook, "text": read.text, "trigger": asked}
    if asked.procedure is Procedure.READINESS:
        report = ReadinessInput.model_validate(common)
        joined = (await start_readiness(sight.temporal, sight.settings, report)).joined
        return _begun(f"a readiness report of {name}", joined=joined)
    if asked.procedure is Procedure.RESTORE_TEST:
        if wish.resource is not None and wish.resource not in stores(read.runbook):
            known = ", ".join(stores(read.runbook)) or "none"
            message = f"{name} has no store {wish.resource} that can be restored; it has: {known}"
            raise UnclearError(message)
        test = RestoreTestInput.model_validate({**common, "region": wish.target, "resource": wish.resource})
        joined = (await start_restore_test(sight.temporal, sight.settings, test)).joined
        return _begun(f"a restore test of {name}", joined=joined)
    given = {"mode": wish.mode, "source": wish.source, "target": wish.target, "accept": wish.accept}
    drill = DrillInput.model_validate({**common, **given})
    joined = (await start_drill(sight.temporal, sight.settings, drill)).joined
    return _begun(f"a {drill.the_mode} drill of {name}", joined=joined)


def _begun(what: str, *, joined: bool) -> Begun:
    return Begun(started=not joined, sentence=f"{what} is going already" if joined else f"started: {what}")
