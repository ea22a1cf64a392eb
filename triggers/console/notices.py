"""Pages of a few sentences, and how a refusal is said: a page to people, JSON to programs."""

from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from triggers.console.page import page
from triggers.console.refusals import NOBODY, TurnedAwayError


def is_api(request: Request) -> bool:
    """A program asks: errors are JSON."""
    return request.url.path.startswith("/api/")


async def answer(request: Request, error: Exception) -> Response:
    """What the one who asked gets (an exception handler)."""
    assert isinstance(error, TurnedAwayError)
    if is_api(request):
        headers = {"WWW-Authenticate": "Bearer"} if error.status == NOBODY else None
        document = {"error": error.error, "what_next": error.what_next}
        return JSONResponse(document, status_code=error.status, headers=headers)
    if error.login and request.method == "GET":
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(back, safe='/')}", status_code=303)
    given = {"title": "You cannot do this", "text": error.error, "more": error.what_next}
    return notice(request, error.status, bad=True, login=error.login, **given)


def notice(request: Request, status: int = 200, /, **given: Any) -> HTMLResponse:
    """A page of a few sentences."""
    known = {"more": "", "bad": False, "csrf": "", "login": False, **given}
    return page(request, "notice.html", status, **known)
