"""Every route of the whole server is somebody's: the console's ask for a role, and the others are known by name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from triggers.console.access import ConsoleRole
from triggers.console.gate import LOOKING
from triggers.serve.app import House, build
from triggers.serve.load import loads
from worker.settings import Settings

WITHOUT = {
    "GET /healthz",
    "POST /alerts/{source}/{name}",
    "GET /login",
    "GET /callback",
    "GET /logout",
    "POST /logout",
    "GET /static/{name}",
}
"""What asks for no role: proved otherwise, or nothing that is anybody's secret."""
TOLD = "evac-serve: 1\nrunbooks: ['*.yaml']\nconsole: {tokens: true}\n"


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """The server, as `evac serve` builds it."""
    return build(House(loads(TOLD, folder=tmp_path), Settings(home=tmp_path / "state")))


def _routes(app: Any) -> Iterator[APIRoute]:
    """Each, wherever it is included."""
    from fastapi.routing import iter_route_contexts  # noqa: PLC0415

    yield from (context.route for context in iter_route_contexts(app.routes))


def _roles(dependant: Dependant) -> Iterator[ConsoleRole]:
    for one in dependant.dependencies:
        if isinstance(role := getattr(one.call, "role", None), ConsoleRole):
            yield role
        yield from _roles(one)


def _table(app: FastAPI) -> dict[str, list[ConsoleRole]]:
    return {
        f"{method} {route.path}": list(_roles(route.dependant))
        for route in _routes(app)
        for method in route.methods - {"HEAD"}
    }


def test_every_route_asks_for_a_role(app: FastAPI) -> None:
    """One that does not is in the list above, and nothing is in that list for nothing."""
    table = _table(app)
    assert {name for name, roles in table.items() if not roles} == WITHOUT
    for name, roles in table.items():
        if roles and name.split()[0] not in LOOKING:
            assert max(roles) >= ConsoleRole.OPERATOR, name


async def test_nobody_gets_in_anywhere(app: FastAPI) -> None:
    """Asked without a proof, every route says 401: programs in JSON, people on a page."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", trust_env=False
    ) as http:
        for name in sorted(_table(app).keys() - WITHOUT):
            method, path = name.split()
            answer = await http.request(method, path.replace("{", "").replace("}", ""), json={})
            assert (name, answer.status_code) == (name, 401)
            if path.startswith("/api/"):
                assert sorted(answer.json()) == ["error", "what_next"]
