"""A group of the lab's processes: its own agent, behind a front that can be bent. One agent does for all tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from tests.activities.calls import EPOCH
from tests.activities.groups import TOKEN, agent
from tests.conformance.backstage import Backstage
from tests.conformance.http_front import Bend, HttpFront, onward
from tests.conformance.specimen import Settings, Specimen
from tests.lab.started import until


class Group:
    """The agent as those see it who know its token."""

    def __init__(self, home: Path, url: str) -> None:
        self.url, self._service = url, home / "service.json"
        self._good = self._service.read_text()

    async def ask(self, method: str, body: Any = None) -> dict[str, int]:
        """Its answer."""
        async with httpx.AsyncClient(timeout=10, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            answer = await client.request(method, f"{self.url}/group", json=body)
        seen: dict[str, int] = answer.raise_for_status().json()
        return seen

    async def size(self, wanted: int) -> None:
        """So many replicas are ready, by the decision of the tests."""
        self._service.write_text(self._good)
        await self.ask("PUT", {"desired": wanted, "epoch": EPOCH})

        async def ready() -> bool:
            return (await self.ask("GET"))["ready"] == wanted

        await until(ready)

    async def fail(self, wanted: int) -> None:
        """More are wanted, and none of them can start."""
        self._service.write_text("{}")
        await self.ask("PUT", {"desired": wanted, "epoch": EPOCH})


@asynccontextmanager
async def group(home: Path) -> AsyncIterator[Group]:
    """While it lives."""
    async with agent(home, desired=0) as settings:
        yield Group(home, settings["agent"])


class _Process(Specimen):
    request: pytest.FixtureRequest
    size: int

    async def stand(self) -> Settings:
        """The group has its size, whatever the test before has made of it."""
        backstage: Backstage = self.request.getfixturevalue("backstage")
        self.group = backstage.kept("group", group)
        self.front = HttpFront(onward(self.group.url), _changing)
        url = backstage.run(backstage.stack(self.request).enter_async_context(self.front.open()))
        self.token = self.home / "agent.token"
        self.straighten()
        await self.group.size(self.size)
        return {"agent": url, "token": f"file://{self.token}"}

    async def effect(self) -> Any:
        """How many are wanted."""
        return (await self.group.ask("GET"))["desired"]

    async def absent(self, settings: Settings) -> Settings:
        """Nothing is at that path."""
        return {**settings, "agent": f"{settings['agent']}/none"}

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """Denied by another token."""
        if mode == "deny":
            self.token.write_text("wrong")
        else:
            self.front.bends.append(Bend(match, mode, times))

    def straighten(self) -> None:
        """As it is."""
        self.front.bends.clear()
        self.token.write_text(TOKEN)

    def changes(self) -> int:
        """How many orders have come."""
        return self.front.changes


def _changing(request: web.Request) -> bool:
    return request.method != "GET"


class ScaleProcess(_Process):
    """From none to one."""

    uses = "scale.process"
    size = 0
    within = 60.0
    """A replica is a program that must come up, on a machine that has much to do."""
    once = True
    cannot = {"expired": "an agent's token has no end"}

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 1}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has put a page before it that wants to be logged in to."""
        self.bend("stray")
        return settings


class DetectProcess(_Process):
    """A look at it."""

    uses = "detect.process"
    size = 1

    async def spoil(self, settings: Settings) -> Settings:
        """A second replica is wanted, and cannot start."""
        await self.group.fail(2)
        return settings
