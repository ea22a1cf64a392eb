"""Whoever comes to the console passes here: proved by a login, by a token, or by being on this machine.

Pages and the API declare `Annotated[Visitor, Depends(require(ConsoleRole.OPERATOR))]`: that proves the visitor, asks
for the role, and for anything but looking asks that the request comes from our own pages (`csrf.py`).
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.middleware.sessions import SessionMiddleware

from triggers.console.access import ConsoleRole, Visitor
from triggers.console.csrf import check_csrf
from triggers.console.refusals import FORBIDDEN, MISDIRECTED, NOBODY, TurnedAwayError, answer
from triggers.console.session_key import session_key
from triggers.console.settings import ConsoleSettings
from worker.settings import Settings

LOOKING = ("GET", "HEAD")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_HERE = Visitor(name="local", proof="not proved: a browser on this machine", role=ConsoleRole.ADMIN)


class Gate:
    """Who may enter, as the server's file says."""

    def __init__(self, console: ConsoleSettings) -> None:
        self.console = console

    def origins(self, request: Request) -> tuple[str, ...]:
        """The addresses of our own pages."""
        if self.console.address is not None:
            return (self.console.address,)
        return (f"http://{request.headers.get('host', '').lower()}",)

    async def visitor(self, request: Request) -> Visitor:
        """Who asks. Raises TurnedAwayError."""
        self.right_address(request)
        if "authorization" in request.headers:
            message = "API tokens do not count here."
            raise TurnedAwayError(NOBODY, message, "Declare `console.tokens: true` in the server's file.")
        if not self.console.open:
            message = "Nobody is logged in here."
            raise TurnedAwayError(NOBODY, message, "Log in.", login=True)
        if any(name in request.headers for name in _FORWARDED):
            message = "A proxy brought this, and nobody proves who they are here."
            raise TurnedAwayError(
                FORBIDDEN, message, "Declare `console.oidc` or `console.tokens` in the server's file."
            )
        return _HERE

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


def install(app: FastAPI, console: ConsoleSettings, settings: Settings) -> None:
    """Put the gate before the console's routes."""
    app.state.console = Gate(console)
    app.add_exception_handler(TurnedAwayError, answer)
    app.add_middleware(
        SessionMiddleware,
        secret_key=session_key(settings.home),
        session_cookie="__Host-evac" if console.secure else "evac",
        max_age=int(console.longest),
        same_site="lax",
        https_only=console.secure,
    )
