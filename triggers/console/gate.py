"""Whoever comes to the console passes here: proved by a login, by a token, or by being on this machine.

Pages and the API declare `Annotated[Visitor, Depends(require(ConsoleRole.OPERATOR))]`: that proves the visitor, asks
for the role, and for anything but looking asks that the request comes from our own pages (`csrf.py`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware

from triggers.console.access import ConsoleRole, Visitor
from triggers.console.api_tokens import ApiTokens, TokenError
from triggers.console.csrf import check_csrf
from triggers.console.faults import no_such_page
from triggers.console.headers import SafeHeaders
from triggers.console.logins import Logins
from triggers.console.notices import answer
from triggers.console.refusals import FORBIDDEN, MISDIRECTED, NOBODY, UNAVAILABLE, TurnedAwayError
from triggers.console.session_key import session_key
from triggers.console.settings import ConsoleSettings
from worker.settings import Settings

log = logging.getLogger(__name__)

LOOKING = ("GET", "HEAD")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_HERE = Visitor(name="local", proof="not proved: a browser on this machine", role=ConsoleRole.ADMIN)


class Gate:
    """Who may enter, as the server's file says."""

    def __init__(self, console: ConsoleSettings, settings: Settings) -> None:
        self.console = console
        self.tokens = ApiTokens(settings.home)
        self.logins = Logins(console)

    def origins(self, request: Request) -> tuple[str, ...]:
        """The addresses of our own pages."""
        if self.console.address is not None:
            return (self.console.address,)
        return (f"http://{request.headers.get('host', '').lower()}",)

    async def visitor(self, request: Request) -> Visitor:
        """Who asks. Raises TurnedAwayError."""
        self.right_address(request)
        if "authorization" in request.headers:
            return await self._bearer(request.headers["authorization"])
        if not self.console.open:
            logged_in = self.logins.visitor(request.session)
            if logged_in is not None:
                return logged_in
            message = "Nobody is logged in here."
            what_next, login = self._how()
            raise TurnedAwayError(NOBODY, message, what_next, login=login)
        if any(name in request.headers for name in _FORWARDED):
            message = "A proxy brought this, and nobody proves who they are here."
            raise TurnedAwayError(
                FORBIDDEN, message, "Declare `console.oidc` or `console.tokens` in the server's file."
            )
        return _HERE

    def _how(self) -> tuple[str, bool]:
        """How to come in, and whether it is by a login."""
        tokens = "use an API token (`evac console token create`), as `Authorization: Bearer TOKEN`"
        if self.console.oidc is None:
            return f"{tokens[0].upper()}{tokens[1:]}.", False
        return f"Log in at /login{f', or {tokens}' if self.console.tokens else ''}.", True

    async def _bearer(self, header: str) -> Visitor:
        """Who comes with an API token; a login of the same browser does not count then. Raises TurnedAwayError."""
        if not self.console.tokens:
            message = "API tokens do not count here."
            raise TurnedAwayError(NOBODY, message, "Declare `console.tokens: true` in the server's file.")
        scheme, _, text = header.partition(" ")
        try:
            found = await asyncio.to_thread(self.tokens.use, text.strip()) if scheme.lower() == "bearer" else None
        except (TokenError, OSError) as error:
            log.warning("API tokens cannot be read: %s", error)
            message = "API tokens cannot be read now."
            raise TurnedAwayError(UNAVAILABLE, message, "See the server's log.") from None
        if found is None:
            message = "This is no token that counts: unknown, expired or revoked."
            raise TurnedAwayError(NOBODY, message, "Make one where the server runs: `evac console token create`.")
        return found.visitor

    def right_address(self, request: Request) -> None:
        """Another site's name that leads here (DNS rebinding) is refused. Raises TurnedAwayError."""
        host = request.headers.get("host", "")
        if self.console.address is not None:
            right = host.lower() == urlsplit(self.console.address).netloc
        else:
            right = _name(host) in _LOCAL
        if not right:
            message = "The console is not found under this address."
            known = self.console.address or "http://127.0.0.1 or http://localhost"
            raise TurnedAwayError(MISDIRECTED, message, f"Use {known}, with the port of the server.")


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


async def visitor(request: Request) -> Visitor:
    """Who asks (a dependency). Raises TurnedAwayError."""
    gate: Gate = request.app.state.console
    return await gate.visitor(request)


def require(role: ConsoleRole) -> Callable[[Request], Awaitable[Visitor]]:
    """A dependency: the visitor, who may do what that role may. Raises TurnedAwayError."""

    async def entered(request: Request) -> Visitor:
        found = await visitor(request)
        if request.method not in LOOKING:
            await check_csrf(request)
        why_not = found.why_not(role)
        if why_not is not None:
            raise TurnedAwayError(FORBIDDEN, f"{why_not}.", "Ask an administrator of the console for that role.")
        return found

    entered.__dict__["role"] = role
    return entered


def secrets(console: ConsoleSettings | None) -> tuple[str, ...]:
    """The references that the section names."""
    reference = console.oidc.client_secret if console is not None and console.oidc is not None else None
    return (reference,) if reference is not None else ()


def install(app: FastAPI, console: ConsoleSettings, settings: Settings) -> None:
    """Put the gate before the console's routes."""
    app.state.console = Gate(console, settings)
    app.add_exception_handler(TurnedAwayError, answer)
    app.add_exception_handler(HTTPException, no_such_page)
    app.add_middleware(
        SessionMiddleware,
        secret_key=session_key(settings.home),
        session_cookie="__Host-evac" if console.secure else "evac",
        max_age=int(console.longest),
        same_site="lax",
        https_only=console.secure,
    )
    app.add_middleware(SafeHeaders)
