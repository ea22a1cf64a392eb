"""The server as one FastAPI app: the alert door, Slack's routes, and how the server is."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from triggers.alerts.courier import Courier
from triggers.alerts.dead_letters import DeadLetters
from triggers.alerts.door import AlertDoor
from triggers.alerts.fetching import Fetcher
from triggers.alerts.keyring import Keyring
from triggers.alerts.prove import secrets_of
from triggers.console import gate, login
from triggers.console.routes import console_routes
from triggers.serve.config import ServeConfig
from triggers.serve.library import Library
from triggers.serve.link import Link
from triggers.serve.slack import SlackSide
from worker.settings import Settings

log = logging.getLogger(__name__)

_LOOK_AGAIN = 1.0
"""Seconds between two looks at the runbooks' files."""


@dataclass
class House:
    """What stands behind the app."""

    config: ServeConfig
    settings: Settings
    transport: httpx.AsyncBaseTransport | None = None
    """Where certificates and keys are fetched; None: where they are."""
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """The server is to stop: streams end."""
    library: Library = field(init=False)
    link: Link = field(init=False)
    slack: SlackSide = field(init=False)
    door: AlertDoor = field(init=False)

    def __post_init__(self) -> None:
        self.library = Library(self.config)
        self.link = Link(self.settings)
        self.slack = SlackSide(self.config, self.link)
        self.door = AlertDoor(
            endpoints={endpoint.path: endpoint for endpoint in self.config.alerts},
            keys=Keyring(
                (*secrets_of(self.config.alerts), *SlackSide.secrets(self.config), *gate.secrets(self.config.console))
            ),
            fetcher=Fetcher(self.transport),
            books=lambda: self.library.books,
            courier=Courier(self.link.hand_over),
            dead=DeadLetters(self.settings.home),
        )


def build(house: House) -> FastAPI:
    """The app. Raises MissingSecretsError with the house already."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(house.door.fetcher)
            stack.push_async_callback(house.door.courier.close)
            await asyncio.to_thread(house.library.refresh)
            for work in (house.link.establish(), _watch(house.library), house.slack.run(app)):
                stack.push_async_callback(_ended, asyncio.create_task(work))
            yield

    app = FastAPI(
        title="Evac", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )

    if house.config.console is not None:
        gate.install(app, house.config.console, house.settings)
        login.install(app, house.config.console)
        app.include_router(console_routes(house))

    @app.post("/alerts/{source}/{name}", status_code=202)
    async def alerts(source: str, name: str, request: Request) -> JSONResponse:
        """One delivery of one source."""
        return await house.door.answer(source, name, request)

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """How the server is: 503 while it can hand nothing over."""
        return await _health(house)

    return app


async def _health(house: House) -> JSONResponse:
    why_not = await house.link.why_not()
    troubles = [trouble.said for trouble in house.library.troubles]
    slack = house.slack.why_not()
    status = "down" if why_not else "degraded" if troubles or slack or not house.library.books else "ok"
    document = {
        "status": status,
        "temporal": why_not or "ok",
        "slack": "not declared" if house.config.slack is None else slack or "ok",
        "runbooks": [read.runbook.name for read in house.library.books],
        "troubles": troubles,
        "alerts": {name: house.door.counts[name] for name in ("accepted", "ignored", "unparseable", "forged")},
    }
    return JSONResponse(document, status_code=503 if why_not else 200)


async def _watch(library: Library) -> None:
    while True:
        await asyncio.sleep(_LOOK_AGAIN)
        try:
            await asyncio.to_thread(library.refresh)
        except OSError:
            log.exception("The runbooks' files cannot be looked at")


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
