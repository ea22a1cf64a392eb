"""The page of the kill switch."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from triggers.console.access import ConsoleRole, Visitor
from triggers.console.csrf import csrf_field
from triggers.console.faults import Told
from triggers.console.gate import require
from triggers.console.page import form_of, page
from triggers.console.sight import Sight
from triggers.console.switching import ENGAGES, RELEASES, Switching, engage, release

Viewer = Annotated[Visitor, Depends(require(ConsoleRole.VIEWER))]
Engager = Annotated[Visitor, Depends(require(ENGAGES))]
Releaser = Annotated[Visitor, Depends(require(RELEASES))]


def routes(sight: Sight) -> APIRouter:
    """Looking at it, engaging it, releasing it."""
    router = APIRouter(route_class=Told, include_in_schema=False)

    @router.get("/kill-switch")
    async def shown(request: Request, visitor: Viewer) -> HTMLResponse:
        """Which are engaged, and the forms."""
        return await _page(request, visitor)

    @router.post("/kill-switch/engage")
    async def on(request: Request, visitor: Engager) -> HTMLResponse:
        """Engage one."""
        return await _page(request, visitor, await engage(sight, visitor, _wish(await form_of(request))))

    @router.post("/kill-switch/release")
    async def off(request: Request, visitor: Releaser) -> HTMLResponse:
        """Release one."""
        return await _page(request, visitor, await release(sight, visitor, _wish(await form_of(request))))

    async def _page(request: Request, visitor: Visitor, said: str = "") -> HTMLResponse:
        return page(
            request,
            "kill_switch.html",
            title="Kill switch",
            visitor=visitor,
            said=said,
            switches=await sight.switches(),
            runbooks=[one.runbook.name for one in sight.books],
            no_engaging=visitor.why_not(ENGAGES),
            no_releasing=visitor.why_not(RELEASES),
            csrf=csrf_field(request),
        )

    return router


def _wish(form: dict[str, str]) -> Switching:
    return Switching(scope=form.get("scope", ""), reason=form.get("reason", ""))
