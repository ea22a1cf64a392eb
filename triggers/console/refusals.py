"""Why a request to the console is turned away, and how that is said: a page to people, JSON to programs.

TurnedAwayError    the status, the reason, and what to do next
"""

from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from triggers.console.page import page

NOBODY = 401
FORBIDDEN = 403
MISDIRECTED = 421
UNAVAILABLE = 503


class TurnedAwayError(Exception):
    """The visitor may not do this; `what_next` helps who should be able to."""

    def __init__(self, status: int, error: str, what_next: str, *, login: bool = False) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.what_next = what_next
        self.login = login
        """A person can mend it by logging in."""


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


def notice(request: Request, status: int = 200, /, **given: Any) -> HTMLResponse:  # noqa: ANN401 - as of a page
    """A page of a few sentences."""
    known = {"more": "", "bad": False, "csrf": "", "login": False, **given}
    return page(request, "notice.html", status, **known)
