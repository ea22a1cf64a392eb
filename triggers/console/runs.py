"""The page of a run: as it is now, brought up to date by server-sent events, and what can be said to it."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from temporalio.service import RPCError

from runbooks.runs import Phase, RunState
from triggers.alerts.courier import UndeliveredError
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.csrf import csrf_field
from triggers.console.deciding import of_form, say
from triggers.console.faults import Told, fault_of
from triggers.console.gate import require
from triggers.console.gate import visitor as who
from triggers.console.live import shown
from triggers.console.page import form_of, fragment, page
from triggers.console.refusals import TurnedAwayError
from triggers.console.sight import Sight
from triggers.errors import TriggerError

Viewer = Annotated[Visitor, Depends(require(ConsoleRole.VIEWER))]
Operator = Annotated[Visitor, Depends(require(ConsoleRole.OPERATOR))]
_ANYWAY = 5.0
"""Seconds after which it is drawn anew although nothing changed: its time goes on."""
_RECORDED_WITHIN = 60.0
"""Seconds after its end within which a run's record is waited for."""
MOST = 200
"""Pages that are kept up to date at once; one more is told to load itself again."""


def routes(sight: Sight) -> APIRouter:
    """The run's page, its events, and its decisions."""
    router = APIRouter(route_class=Told, include_in_schema=False)
    watching: set[object] = set()

    @router.get("/runs/{name}")
    async def run(request: Request, name: str, visitor: Viewer) -> HTMLResponse:
        """The newest run of the runbook."""
        return _page(request, visitor, await sight.run(name))

    @router.get("/runs/{name}/events", response_class=EventSourceResponse)
    async def events(request: Request, name: str, visitor: Viewer) -> AsyncIterator[ServerSentEvent]:  # noqa: ARG001 - whoever may look
        """The page's parts, whenever the state of the run has changed."""
        if len(watching) >= MOST:
            yield ServerSentEvent(
                raw_data="too many look on: load the page again for news", event="trouble", retry=30_000
            )
            return
        watching.add(me := object())
        try:
            async for event in _events(request, sight, name):
                yield event
        finally:
            watching.discard(me)

    @router.post("/runs/{name}/decisions")
    async def decide(request: Request, name: str, visitor: Operator) -> HTMLResponse:
        """What the visitor says to the run, and what it made of that."""
        answer = await say(sight, visitor, name, of_form(await form_of(request), name))
        state = await sight.run(name)
        return _page(request, visitor, state, answer.sentence, why_not=answer.refused)

    return router


def _page(
    request: Request, visitor: Visitor, state: RunState, said: str = "", *, why_not: str | None = None
) -> HTMLResponse:
    given = _given(request, visitor, state)
    status = 200 if why_not is None else 409
    title = f"{given['headline'].capitalize()}: {state.runbook}"
    return page(request, "run.html", status, title=title, said=said, why_not=why_not, **given)


def _given(request: Request, visitor: Visitor, state: RunState) -> dict[str, Any]:
    forms = {"csrf": csrf_field(request), "new_id": uuid.uuid4().hex}
    return {**shown(state, visitor, time.time()), **forms, "visitor": visitor}


def _over(state: RunState, now: float) -> bool:
    """Nothing is to come any more: a run writes its record after its end."""
    unrecorded = not state.record and now - (state.ended_at or now) < _RECORDED_WITHIN
    return state.phase is Phase.ENDED and not unrecorded


async def _events(request: Request, sight: Sight, name: str) -> AsyncIterator[ServerSentEvent]:
    """The first at once; then when something changed, and when what is shown grows old."""
    known: RunState | None = None
    drawn = 0.0
    trouble = ""
    while not (sight.ending.is_set() or await request.is_disconnected()):
        try:
            visitor = await who(request)  # a login may have ended, or a token been revoked, since the last look
            state = await sight.run(name)
        except TurnedAwayError as error:
            yield ServerSentEvent(raw_data=error.error, event="trouble", retry=30_000)
            return
        except (TriggerError, UndeliveredError, RPCError) as error:
            fault = fault_of(error)
            said = fault.error if fault is not None else str(error)
            if said != trouble:
                yield ServerSentEvent(raw_data=said.replace("\n", " "), event="trouble", retry=2000)
            trouble = said
        else:
            trouble = ""
            over = _over(state, time.time())
            if state != known or time.monotonic() - drawn >= _ANYWAY:
                known, drawn = state, time.monotonic()
                html = fragment("run_live.html", **_given(request, visitor, state))
                yield ServerSentEvent(raw_data=html, event="over" if over else "state", retry=2000)
            if over:
                return
        with suppress(TimeoutError):
            await asyncio.wait_for(sight.ending.wait(), sight.pause)
