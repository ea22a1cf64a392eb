"""Posts come from our own pages: the browser says so (`Origin`), and a token that only our pages know comes along."""

import secrets

from fastapi import Request
from markupsafe import Markup

from triggers.alerts.keyring import same
from triggers.console.refusals import FORBIDDEN, TurnedAwayError

FIELD = "csrf"
HEADER = "x-csrf-token"
_AGAIN = "Load the page again and repeat it from there."


def csrf_token(request: Request) -> str:
    """The token of this browser's session, for a header of a script on our pages (`X-CSRF-Token`)."""
    token = request.session.get(FIELD)
    if not isinstance(token, str):
        token = request.session[FIELD] = secrets.token_urlsafe(32)
    return token


def csrf_field(request: Request) -> Markup:
    """The token as a hidden field: every form that posts holds one."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token(request))


async def check_csrf(request: Request) -> None:
    """Whether a post comes from our own pages; `require` asks already. Raises TurnedAwayError.

    A request with `Authorization` is let be: no other page can make a browser send that.
    """
    if "authorization" in request.headers:
        return
    if request.headers.get("origin", "").lower() not in request.app.state.console.origins(request):
        message = "This was not sent from a page of the console."
        raise TurnedAwayError(FORBIDDEN, message, f"{_AGAIN} Programs use an API token.")
    given = request.headers.get(HEADER) or (await request.form()).get(FIELD)
    known = request.session.get(FIELD)
    if not (isinstance(given, str) and isinstance(known, str) and same(given, known)):
        message = "The page that this was sent from is not of this session."
        raise TurnedAwayError(FORBIDDEN, message, _AGAIN)
