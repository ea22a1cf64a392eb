"""`/login`, `/callback`, `/logout`: people come in by the issuer, and leave."""

import logging

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from activities.errors import StepError
from triggers.console.csrf import check_csrf, csrf_field
from triggers.console.gate import Gate
from triggers.console.issuer import Issuer, IssuerDownError, LoginError
from triggers.console.logins import claimed
from triggers.console.notices import notice
from triggers.console.refusals import FORBIDDEN, UNAVAILABLE, TurnedAwayError
from triggers.console.settings import ConsoleSettings, Oidc

log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)
_NEXT = "next"
_AGAIN = "Go to /login to try again."


@router.get("/login")
async def login(request: Request) -> Response:
    """Send the browser to the issuer, and back to where it wanted to go."""
    gate, issuer, _ = _declared(request)
    request.session[_NEXT] = local(request.query_params.get(_NEXT, "/"))
    try:
        return await issuer.send(request, f"{gate.origins(request)[0]}/callback")
    except (IssuerDownError, StepError) as error:
        raise _down(error) from None


@router.get("/callback")
async def callback(request: Request) -> Response:
    """Back from the issuer: its word counts once, and only for the browser that was sent there."""
    gate, issuer, oidc = _declared(request)
    try:
        claims = await issuer.claims(request)
    except (IssuerDownError, StepError) as error:
        raise _down(error) from None
    except LoginError as error:
        log.warning("A login is refused: %s", error)
        message = "The login does not count."
        raise TurnedAwayError(FORBIDDEN, message, f"{_AGAIN} The server's log says why it was refused.") from None
    subject, found = str(claims["sub"]), claimed(oidc, claims)
    if found is None:
        log.warning("A login is refused: %r can be nobody's name", claims.get(oidc.name_claim))
        message = "Your name at the issuer cannot be used here."
        raise TurnedAwayError(FORBIDDEN, message, "An administrator can choose another `console.oidc.name_claim`.")
    name, groups = found
    if oidc.roles.role(subject, groups) is None:
        log.warning("A login is refused: %s (%r) has no role", name, subject)
        message = f"{name} has no role in this console."
        raise TurnedAwayError(FORBIDDEN, message, f"An administrator can give one to the subject {subject}.")
    back = local(request.session.get(_NEXT, "/"))
    gate.logins.begin(request.session, name, subject, groups)
    log.info("%s logged in (OIDC subject %r)", name, subject)
    return RedirectResponse(back, status_code=303)


@router.get("/logout")
async def leave(request: Request) -> Response:
    """Ask for the button: a link of another page must log nobody out."""
    _declared(request)
    return notice(request, title="Log out", text="Your login at the issuer goes on.", csrf=csrf_field(request))


@router.post("/logout")
async def logout(request: Request) -> Response:
    """End the login; its cookie counts no more, wherever it was copied to."""
    gate: Gate = request.app.state.console
    gate.right_address(request)
    await check_csrf(request)
    gate.logins.end(request.session)
    return notice(request, title="Logged out", text="You are logged out of this console.", login=True)


def install(app: FastAPI, console: ConsoleSettings) -> None:
    """Put the three addresses into the app, and the issuer behind them."""
    app.state.console_issuer = Issuer(console.oidc) if console.oidc is not None else None
    app.include_router(router)


def local(target: object) -> str:
    """A path of ours to go on to; anything else leads to the first page."""
    text = target if isinstance(target, str) else "/"
    ours = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if ours else "/"


def _declared(request: Request) -> tuple[Gate, Issuer, Oidc]:
    gate: Gate = request.app.state.console
    gate.right_address(request)
    if gate.console.oidc is None:
        message = "Nobody can log in here."
        what_next = "No issuer is declared (`console.oidc` in the server's file)."
        raise TurnedAwayError(FORBIDDEN, message, what_next)
    return gate, request.app.state.console_issuer, gate.console.oidc


def _down(error: Exception) -> TurnedAwayError:
    log.warning("Nobody can log in: %s", error)
    what_next = "Try again soon; the command line (`evac`) needs no login. The server's log says more."
    return TurnedAwayError(UNAVAILABLE, "The issuer of logins cannot be asked now.", what_next)
