"""A console whose gate is tried: two routes of its own, and the logins."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import pytest_asyncio
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse

from tests.triggers.console.issuer import CLIENT, SECRET, Issuer, issuing
from triggers.console import gate, login
from triggers.console.access import ConsoleRole, Visitor
from triggers.console.csrf import csrf_field
from triggers.console.settings import ConsoleSettings
from worker.settings import Settings

HOME = "https://evac.example.com"
LOCAL = "http://127.0.0.1:8700"


def tried(console: dict[str, Any], home: Path) -> FastAPI:
    """An app with a page for everybody who may look, and a deed of each role."""
    app = FastAPI()
    declared = ConsoleSettings.model_validate(console)
    gate.install(app, declared, Settings(home=home))
    login.install(app, declared)

    @app.get("/who")
    async def who(request: Request, by: Annotated[Visitor, Depends(gate.require(ConsoleRole.VIEWER))]) -> HTMLResponse:
        return HTMLResponse(f"{csrf_field(request)}{by.name}|{by.proof}|{','.join(by.groups)}|{by.role.name}")

    def deed(role: ConsoleRole) -> None:
        @app.post(f"/api/v1/{role.name.lower()}")
        @app.post(f"/{role.name.lower()}")
        async def done(by: Annotated[Visitor, Depends(gate.require(role))]) -> dict[str, str]:
            return {"by": by.name}

    for role in ConsoleRole:
        deed(role)
    return app


@dataclass
class Browser:
    """Follows what it is told, as a browser does: the issuer over its port, the console without one."""

    http: httpx.AsyncClient
    issuer: Issuer | None = None

    async def who(self) -> str:
        """What the page says of who looks; `/login` when nobody is logged in."""
        got = await self.http.get("/who")
        return got.text.partition(">")[2] if got.status_code == 200 else got.headers.get("location", str(got))

    async def csrf(self) -> str:
        """The token of a page."""
        return (await self.http.get("/who")).text.partition('value="')[2].partition('"')[0]

    async def send(self, path: str, token: str | None = None, origin: str | None = "own") -> httpx.Response:
        """Post a form of a page."""
        own = str(self.http.base_url).rstrip("/")
        headers = {} if origin is None else {"Origin": own if origin == "own" else origin}
        return await self.http.post(path, data={} if token is None else {"csrf": token}, headers=headers)

    async def to_issuer(self, next_: str = "/who") -> str:
        """Begin a login; where the issuer sends the browser back to."""
        sent = await self.http.get("/login", params={"next": next_})
        async with httpx.AsyncClient(trust_env=False, verify=False) as outside:  # noqa: S501 - plain HTTP, on loopback
            back = await outside.get(sent.headers["location"])
        return back.headers["location"]

    async def log_in(self, next_: str = "/who") -> httpx.Response:
        """A whole login; what the console answers in the end."""
        return await self.http.get(await self.to_issuer(next_))


Open = Callable[..., Browser]


@pytest_asyncio.fixture
async def browse(tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a browser of its own at a console; the same console for the same settings."""
    apps: dict[str, FastAPI] = {}
    async with AsyncExitStack() as stack:

        def opened(console: dict[str, Any], at: str = LOCAL, issuer: Issuer | None = None) -> Browser:
            app = apps.setdefault(str(console), tried(console, tmp_path))
            http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=at, trust_env=False)
            stack.push_async_callback(http.aclose)
            return Browser(http, issuer)

        yield opened


@pytest_asyncio.fixture
async def issuer(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Issuer]:
    """Ada is there, in one group that counts and one that does not."""
    monkeypatch.setenv("CONSOLE_SECRET", SECRET)
    async with issuing() as made:
        made.callback = f"{HOME}/callback"
        made.person = {"sub": "u-1", "preferred_username": "ada", "groups": ["sre", "chess"]}
        yield made


def oidc(issuer: Issuer, **roles: list[str]) -> dict[str, Any]:
    """A console that people log in to."""
    declared = {"issuer": issuer.url, "client_id": CLIENT, "client_secret": "env://CONSOLE_SECRET"}
    return {"address": HOME, "oidc": {**declared, "roles": roles or {"approver": ["oidc-group:sre"]}}}
