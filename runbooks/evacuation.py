"""An evacuation: which runbooks leave the region, in which order, and what has become of each. Pure."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from runbooks.candidates import values
from runbooks.facts import Facts
from runbooks.kinds import KINDS
from runbooks.models import Role, Runbook
from runbooks.runs import Outcome, RunEvent, Trigger
from runbooks.steps import Reading
from runbooks.traffic import led_to, public_names
from runbooks.values import Model, Seconds, UnixTime


class EvacuationError(ValueError):
    """No order can be found; the message says why and what to do."""


class Fate(StrEnum):
    """What has become of one runbook."""

    WAITING = "waiting"
    GOING = "going"
    JOINED = "joined"
    """It was going already."""
    SKIPPED = "skipped"
    """It has nothing to move out of the region."""
    NOT_STARTED = "not-started"
    ENDED = "ended"


class EvacuationOutcome(StrEnum):
    """How an evacuation ended."""

    EVACUATED = "evacuated"
    PARTLY = "partly-evacuated"
    STOPPED = "stopped"
    """A person stopped it: what was not started yet was not started."""
    REFUSED = "refused"


class EvacuationPhase(StrEnum):
    """Where an evacuation is."""

    STARTING = "starting"
    MOVING = "moving"
    WAITING_FOR_PERSON = "waiting-for-person"
    ENDED = "ended"


class Book(Model):
    """One runbook, with its text as it was read."""

    runbook: Runbook
    text: str = ""


class EvacuateInput(Model):
    """Move every runbook out of the region, `at_once` at a time, `gap` apart.

    All runbooks travel in the workflow's input, which Temporal bounds to 2 MB.
    """

    region: str
    books: tuple[Book, ...]
    force: bool = False
    accept: tuple[str, ...] = ()
    at_once: int = Field(default=5, ge=1, le=100)
    gap: Seconds = 1.0
    stop_on_error_rate: float = Field(default=0.3, ge=0, le=1)
    """When more than this share of the ended runs went wrong (of two at least), nothing more is started unasked."""
    canary: bool = True
    """The first runbook must be verified elsewhere before another is started."""
    trigger: Trigger


class Word(Model):
    """What a person says to an evacuation. Counted once by `id`."""

    id: str
    by: str
    at: UnixTime
    reason: str = ""
    proof: str = ""


class BookState(Model):
    """One runbook as it stands."""

    name: str
    wave: int
    priority: int
    fate: Fate = Fate.WAITING
    run: str = ""
    target: str = ""
    outcome: Outcome | None = None
    sentence: str = ""
    record: str = ""
    started_at: UnixTime | None = None
    ended_at: UnixTime | None = None

    @property
    def good(self) -> bool:
        """It serves from elsewhere, verified."""
        return self.outcome in (Outcome.RECOVERED, Outcome.COMPLETED)


class EvacuateState(Model):
    """The evacuation as anyone may see it (the query's answer), and its result."""

    region: str
    run: str
    phase: EvacuationPhase
    outcome: EvacuationOutcome | None = None
    message: str = ""
    started_at: UnixTime
    ended_at: UnixTime | None = None
    books: tuple[BookState, ...] = ()
    words: tuple[Word, ...] = ()
    events: tuple[RunEvent, ...] = ()
    record: str = ""


def waves(books: Sequence[Runbook], region: str) -> tuple[tuple[str, ...], ...]:
    """The runbooks that know the region: each after all that it depends on, then by priority, then by name.

    Raises EvacuationError for a cycle, and for two runbooks of one name.
    """
    names = [book.name for book in books]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"two runbooks have the same name ({', '.join(twice)}): give each once"
        raise EvacuationError(message)
    left = {book.name: book for book in books if region in book.regions}
    found: list[tuple[str, ...]] = []
    while left:
        ready = [book for book in left.values() if not any(name in left for name in book.depends_on)]
        if not ready:
            message = f"{' -> '.join(_cycle(left))} depend on one another: take one `depends_on` out of that circle"
            raise EvacuationError(message)
        wave = tuple(book.name for book in sorted(ready, key=lambda book: (book.priority, book.name)))
        found.append(wave)
        for name in wave:
            del left[name]
    return tuple(found)


def first_states(request: EvacuateInput, order: Sequence[Sequence[str]]) -> dict[str, BookState]:
    """Every runbook before anything has happened. What the region does not concern is skipped from the beginning."""
    books = {book.runbook.name: book.runbook for book in request.books}
    states = {
        name: BookState(name=name, wave=number, priority=books[name].priority)
        for number, names in enumerate(order, 1)
        for name in names
    }
    for name, book in books.items():
        if name not in states:
            said = f"{name} has no region {request.region!r}"
            states[name] = BookState(name=name, wave=0, priority=book.priority, fate=Fate.SKIPPED, sentence=said)
    return states


def why_nothing(book: Runbook, region: str, readings: Sequence[Reading], now: UnixTime) -> str | None:
    """Why the runbook has nothing to move out of the region, or None: in doubt it is moved, and its planner decides."""
    facts = Facts(at=now, readings=tuple(readings))
    led = [led_to(facts, name) for name in public_names(book)]
    stores = [name for name, resource in book.resources.items() if KINDS[resource.kind].holds_data]
    declared = book.regions[region]
    if any(region in regions if regions is not None else declared.traffic for regions in led):
        return None
    if not all(_writer_elsewhere(book, name, region, facts) for name in stores):
        return None
    if not led and not stores and (declared.traffic or declared.role == Role.ACTIVE):
        return None
    return f"{region} carries no traffic and holds no writer of {book.name}: there is nothing to move out of it"


def _writer_elsewhere(book: Runbook, resource: str, region: str, facts: Facts) -> str | None:
    for other in book.regions:
        seen = values(facts.fresh(resource, other)) if other != region else None
        if seen is not None and seen.writable:
            return other
    return None


def _cycle(left: dict[str, Runbook]) -> list[str]:
    """One circle of those that are left: each of them depends on one of them."""
    path = [next(iter(left))]
    while True:
        following = next(name for name in left[path[-1]].depends_on if name in left)
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)
