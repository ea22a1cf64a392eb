"""The live pages of drills, readiness reports, restore tests and evacuations, and what can be said to them."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from temporalio.service import RPCError

from runbooks.awaited import awaited
from runbooks.drills import DrillState
from runbooks.evacuation import EvacuateState
from runbooks.models import Procedure
from runbooks.readiness import ReadinessState
from runbooks.restoring import RestoreTestState
from runbooks.telling import headline, message
from triggers import names
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.csrf import csrf_field
from triggers.console.deciding import of_form, say_to_drill
from triggers.console.evacuating import leave, leaving_of, offers, tell, word_of
from triggers.console.faults import Told
from triggers.console.gate import require
from triggers.console.overview import going_by_name
from triggers.console.page import form_of, fragment, page
from triggers.console.sight import Sight
from triggers.console.streaming import events, seen_now
from triggers.console.work_asks import version, work_asks
from triggers.console.works import State, runbooks_of, work
from triggers.errors import TriggerError

Viewer = Annotated[Visitor, Depends(require(ConsoleRole.VIEWER))]
Operator = Annotated[Visitor, Depends(require(ConsoleRole.OPERATOR))]
Admin = Annotated[Visitor, Depends(require(ConsoleRole.ADMIN))]
_RECORDED_WITHIN = 60.0
"""Seconds after its end within which its record is waited for."""


class Kind(NamedTuple):
    """One kind of page: where it is, of which workflow, and what it is called."""

    procedure: Procedure
    address: str
    state: type[State]
    title: str

    def at(self, name: str) -> str:
        """The page of that runbook's, or of that region."""
        return self.address.format(name=name)

    def workflow_id(self, name: str) -> str:
        """The workflow that it shows."""
        if self.procedure is Procedure.EVACUATE:
            return names.evacuation_id_of(name)
        return names.composite_id_of(name, self.procedure)


KINDS: dict[Procedure, Kind] = {
    one.procedure: one
    for one in (
        Kind(Procedure.DRILL, "/runbooks/{name}/drill", DrillState, "Drill"),
        Kind(Procedure.READINESS, "/runbooks/{name}/readiness", ReadinessState, "Readiness"),
        Kind(Procedure.RESTORE_TEST, "/runbooks/{name}/restore-test", RestoreTestState, "Restore test"),
        Kind(Procedure.EVACUATE, "/evacuations/{name}", EvacuateState, "Evacuation"),
    )
}


class Looked(NamedTuple):
    """What was seen at one moment; `runs`: how each run that goes on for it stands."""

    state: State
    runs: dict[str, str]


def routes(sight: Sight) -> APIRouter:
    """All of the pages, with their events."""
    router = APIRouter(route_class=Told, include_in_schema=False)
    for kind in KINDS.values():
        _live(router, sight, kind)
    _drills(router, sight)
    _evacuations(router, sight)
    return router


async def looked(sight: Sight, kind: Kind, name: str) -> Looked:
    """Its newest. Raises NoSuchRunError, NoAnswerError, RunFailedError."""
    state: State = await sight.composite(kind.workflow_id(name), kind.state)
    books = runbooks_of(state)
    told = await asyncio.gather(*(_run(sight, book) for book in books))
    return Looked(state, {book: said for book, said in zip(books, told, strict=True) if said})


async def _run(sight: Sight, book: str) -> str:
    """How the run stands, and who is awaited; empty where that cannot be told now."""
    try:
        run = await sight.run(book)
    except (TriggerError, RPCError):
        return ""
    if run.ended_at is not None:  # the next one has not begun, or the last one was just read
        return ""
    whom = awaited(run, time.time())
    return f"Its run is {headline(run)}: {f'it awaits {whom}' if whom else message(run)}"


def _live(router: APIRouter, sight: Sight, kind: Kind) -> None:
    @router.get(kind.address)
    async def shown(request: Request, name: str, visitor: Viewer) -> HTMLResponse:
        """The newest, going or ended."""
        return _page(request, visitor, kind, await looked(sight, kind, name))

    @router.get(f"{kind.address}/events", response_class=EventSourceResponse)
    async def stream(request: Request, name: str, visitor: Viewer) -> AsyncIterator[ServerSentEvent]:  # noqa: ARG001 - whoever may look
        """The page's parts, whenever its state has changed."""

        def draw(seen: Looked, visitor: Visitor) -> str:
            return fragment("work_live.html", **_given(request, visitor, kind, seen))

        async for event in events(request, sight, lambda: looked(sight, kind, name), draw, _over):
            yield event


def _drills(router: APIRouter, sight: Sight) -> None:
    kind = KINDS[Procedure.DRILL]

    @router.post(f"{kind.address}/words")
    async def abort(request: Request, name: str, visitor: Operator) -> HTMLResponse:
        """What the visitor says to the drill, and what it made of that."""
        answer = await say_to_drill(sight, visitor, name, of_form(await form_of(request), name))
        seen = await looked(sight, kind, name)
        return _page(request, visitor, kind, seen, answer.sentence, why_not=answer.refused)


def _evacuations(router: APIRouter, sight: Sight) -> None:
    kind = KINDS[Procedure.EVACUATE]

    @router.get("/evacuations")
    async def regions(request: Request, visitor: Viewer) -> HTMLResponse:
        """Every region that could be left, in which order, and the form that starts it."""
        found, trouble = await seen_now(sight)
        going = {} if found is None else going_by_name(found, time.time())
        given: dict[str, Any] = {"offers": offers(sight.books, visitor), "csrf": csrf_field(request)}
        given |= {"going": going, "trouble": trouble}
        return page(request, "evacuations.html", title="Evacuate a region", visitor=visitor, **given)

    @router.post(f"{kind.address}/start")
    async def begin(request: Request, name: str, visitor: Admin) -> HTMLResponse:
        """Start what the form asks for."""
        begun = await leave(sight, visitor, name, leaving_of(await form_of(request), name))
        given: dict[str, Any] = {"links": {"Look at the evacuation": kind.at(name)}, "begun": begun}
        status = 202 if begun.started else 409
        return page(request, "begun.html", status, title=f"Evacuation of {name}", visitor=visitor, **given)

    @router.post(f"{kind.address}/words")
    async def word(request: Request, name: str, visitor: Operator) -> HTMLResponse:
        """Go on, or stop."""
        sentence, _ = await tell(sight, visitor, name, word_of(await form_of(request), name))
        return _page(request, visitor, kind, await looked(sight, kind, name), sentence)


def _page(  # noqa: PLR0913 - what is shown, and what was made of a word
    request: Request, visitor: Visitor, kind: Kind, seen: Looked, said: str = "", *, why_not: str | None = None
) -> HTMLResponse:
    given = _given(request, visitor, kind, seen)
    shown = given["work"]
    status = 200 if why_not is None else 409
    title = f"{kind.title} of {shown.subject}: {shown.word.lower()}"
    return page(request, "work.html", status, title=title, said=said, why_not=why_not, **given)


def _given(request: Request, visitor: Visitor, kind: Kind, seen: Looked) -> dict[str, Any]:
    shown = work(seen.state, time.time(), seen.runs)
    return {
        "work": shown,
        "kind": kind,
        "at": kind.at(shown.subject),
        "asks": work_asks(seen.state, visitor),
        "version": version(seen.state, visitor),
        "csrf": csrf_field(request),
        "new_id": uuid.uuid4().hex,
        "visitor": visitor,
    }


def _over(seen: Looked) -> bool:
    """Nothing is to come any more: its record is written after its end."""
    ended = seen.state.ended_at
    return ended is not None and (bool(seen.state.record) or time.time() - ended >= _RECORDED_WITHIN)
