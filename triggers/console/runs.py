"""The page of a run: as it is now, brought up to date by server-sent events, and what can be said to it."""

import time
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from runbooks.runs import Phase, RunState
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.csrf import csrf_field
from triggers.console.deciding import of_form, say
from triggers.console.faults import Told
from triggers.console.gate import require
from triggers.console.live import shown
from triggers.console.page import form_of, fragment, page
from triggers.console.sight import Sight
from triggers.console.streaming import events

Viewer = Annotated[Visitor, Depends(require(ConsoleRole.VIEWER))]
Operator = Annotated[Visitor, Depends(require(ConsoleRole.OPERATOR))]
_RECORDED_WITHIN = 60.0
"""Seconds after its end within which a run's record is waited for."""


def routes(sight: Sight) -> APIRouter:
    """The run's page, its events, and its decisions."""
    router = APIRouter(route_class=Told, include_in_schema=False)

    @router.get("/runs/{name}")
    async def run(request: Request, name: str, visitor: Viewer) -> HTMLResponse:
        """The newest run of the runbook."""
        return _page(request, visitor, await sight.run(name))

    @router.get("/runs/{name}/events", response_class=EventSourceResponse)
    async def stream(request: Request, name: str, visitor: Viewer) -> AsyncIterator[ServerSentEvent]:  # noqa: ARG001 - whoever may look
        """The page's parts, whenever the state of the run has changed."""

        def draw(state: RunState, visitor: Visitor) -> str:
            return fragment("run_live.html", **_given(request, visitor, state))

        async for event in events(
            request, sight, lambda: sight.run(name), draw, lambda state: _over(state, time.time())
        ):
            yield event

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
