"""Evacuations from the console: which regions could be left in which order, starting one, and go on or stop."""

import time
import uuid
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from runbooks.evacuation import EvacuateInput, EvacuateState, EvacuationError, Word, waves
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.values import Model, Seconds
from triggers.asking import books_in
from triggers.composite import start_evacuation
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.deciding import id_of
from triggers.console.forms import readable, typed
from triggers.console.refusals import FORBIDDEN, TurnedAwayError
from triggers.console.sight import Sight
from triggers.console.starting import Begun, trigger_of
from triggers.console.work_asks import ROLES
from triggers.errors import UnclearError


class Leaving(Model):
    """How a region is to be left."""

    accept: tuple[str, ...] = ()
    force: bool = False
    """Nobody asks the vantage points whether the region is down."""
    at_once: int = Field(default=5, ge=1, le=100)
    gap: Seconds = 1.0
    canary: bool = True
    """The first runbook must be verified elsewhere before another is started."""
    stop_on_error_rate: float = Field(default=0.3, ge=0, le=1)
    reason: str = ""
    id: str = ""


class EvacuationWord(Model):
    """What was sent. The same `id` of the same visitor counts once, however often it is sent."""

    word: Literal["go-on", "stop"]
    reason: str = ""
    id: str = ""
    run: str = ""
    """Only this evacuation is meant; empty: the one that is going."""


class RegionOffer(Model):
    """One region that could be left: in which order, or why there is none."""

    name: str
    order: tuple[tuple[str, ...], ...] = ()
    trouble: str = ""
    why_not: str | None = None


def offers(books: Sequence[LoadedRunbook], visitor: Visitor) -> tuple[RegionOffer, ...]:
    """Every region that a runbook of this server has."""
    names = sorted({region for one in books for region in one.runbook.regions})
    why_not = visitor.why_not(ConsoleRole.ADMIN)
    return tuple(_offer(name, books, why_not) for name in names)


def _offer(name: str, books: Sequence[LoadedRunbook], why_not: str | None) -> RegionOffer:
    try:
        order = waves([one.runbook for one in books], name)
    except EvacuationError as error:
        return RegionOffer(name=name, trouble=str(error), why_not=why_not)
    return RegionOffer(name=name, order=order, why_not=why_not)


def leaving_of(form: dict[str, str], region: str) -> Leaving:
    """What the form says. Raises UnclearError when it cannot be meant."""
    typed(form, region, "nothing was started")
    given = {"force": "force" in form, "canary": "canary" in form, "reason": form.get("reason", "").strip()}
    with readable():
        return Leaving.model_validate({"at_once": form.get("at_once") or 5, **given})


def word_of(form: dict[str, str], region: str) -> EvacuationWord:
    """What the form says. Raises UnclearError when it cannot be meant."""
    typed(form, region, "nothing was sent")
    given = {name: form.get(name, "") for name in ("id", "run", "reason")}
    with readable():
        return EvacuationWord.model_validate({"word": form.get("kind", ""), **given})


async def leave(sight: Sight, visitor: Visitor, region: str, wish: Leaving) -> Begun:
    """Start the evacuation, or find the one that goes on. Raises UnclearError, RPCError."""
    books = books_in(region, sight.books)
    if not books:
        message = f"no runbook of this server has a region {region}"
        raise UnclearError(message)
    try:
        waves([book.runbook for book in books], region)
    except EvacuationError as error:
        raise UnclearError(str(error)) from None
    asked = trigger_of(visitor, wish.id, wish.reason, Procedure.EVACUATE)
    trigger = asked.model_copy(update={"source": region, "accept": wish.accept, "force": wish.force})
    options = wish.model_dump(exclude={"id", "reason"})
    request = EvacuateInput(region=region, books=books, trigger=trigger, **options)
    begun = await start_evacuation(sight.temporal, sight.settings, request)
    if begun.joined:
        return Begun(started=False, sentence=f"an evacuation of {region} is going already; nothing else was started")
    return Begun(started=True, sentence=f"started: the evacuation of {region}, {len(books)} runbooks")


async def tell(sight: Sight, visitor: Visitor, region: str, said: EvacuationWord) -> tuple[str, EvacuateState]:
    """Hand the word over: what came of it. Raises TurnedAwayError, UnclearError, RunEndedError, NoAnswerError."""
    why_not = visitor.why_not(ROLES[said.word])
    if why_not is not None:
        raise TurnedAwayError(FORBIDDEN, f"{why_not}.", "Ask an approver, or an administrator of the console.")
    if said.word == "stop" and not said.reason.strip():
        message = "give a reason: a stop is kept with it"
        raise UnclearError(message)
    word = Word(
        id=id_of(visitor, said.id or uuid.uuid4().hex),
        by=visitor.name,
        at=time.time(),
        reason=said.reason.strip(),
        proof=visitor.proof,
    )
    state = await sight.tell(region, word, said.run, go_on=said.word == "go-on")
    told = "go on" if said.word == "go-on" else "stop"
    return f"the evacuation of {region} has heard {told} from {visitor.name}: {state.message}", state
