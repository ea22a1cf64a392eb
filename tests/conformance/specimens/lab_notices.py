"""What tells people: the fake of Slack, a webhook by apprise, a file."""

import base64
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiohttp import web

from runbooks.steps import ErrorType
from tests.conformance.backstage import Backstage
from tests.conformance.http_front import Bend, HttpFront, onward
from tests.conformance.specimen import Settings, Specimen
from tests.slack.fake import FakeSlack
from tests.slack.state import BOT

_NEWS = "what a sentence tells was so, whatever has been decided since"


class _ByHttp(Specimen):
    request: pytest.FixtureRequest
    front: HttpFront
    good: str
    """The secret that the service takes."""
    wrong: ClassVar[str]

    @property
    def backstage(self) -> Backstage:
        """Where the service lives."""
        found: Backstage = self.request.getfixturevalue("backstage")
        return found

    @property
    def secret(self) -> Path:
        """Where the worker has its secret."""
        return self.home / "secret"

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """Denied by another secret."""
        if mode == "deny":
            self.secret.write_text(self.wrong)
        else:
            self.front.bends.append(Bend(match, mode, times))

    def straighten(self) -> None:
        """As it is."""
        self.front.bends.clear()
        self.secret.write_text(self.good)


class NotifySlack(_ByHttp):
    """A channel."""

    uses = "notify.slack"
    spoiled = ErrorType.NOT_FOUND
    once = True
    good, wrong = FakeSlack.bot_token, "xoxb-of-somebody-else"
    cannot = {
        "stale_epoch": _NEWS,
    }

    async def stand(self) -> Settings:
        """Nothing is said there."""
        stack = self.backstage.stack(self.request)
        self.slack = FakeSlack()
        self.backstage.run(stack.enter_async_context(self.slack))
        self.front = HttpFront(onward(f"http://{self.slack.address}"), lambda asked: "postMessage" in asked.path)
        url = self.backstage.run(stack.enter_async_context(self.front.open()))
        self.straighten()
        return {"channel": "C0123", "token": f"file://{self.secret}", "api": f"{url}/api/", "text": self.name}

    async def effect(self) -> Any:
        """What is said there."""
        return [said["text"] for said in self.slack.messages()]

    async def absent(self, settings: Settings) -> Settings:
        """Another channel."""
        return {**settings, "channel": "C0000"}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has removed the app from the channel."""
        self.slack.channels["C0123"].remove(BOT)
        return settings

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """Slack itself knows of expired tokens."""
        if mode == "expire":
            self.slack.expired = True
        else:
            super().bend(mode, match, times)

    def changes(self) -> int:
        """How many messages were to be posted."""
        return self.front.changes


class NotifyApprise(_ByHttp):
    """A webhook with a password."""

    uses = "notify.apprise"
    cannot = {
        "stale_epoch": _NEWS,
        "expired": "a webhook's password has no end",
        "check_changes_nothing": "such a channel can only be asked by telling it something "
        "(tests/activities/notify/test_apprise.py)",
    }

    async def stand(self) -> Settings:
        """It has been told nothing."""
        self.told: list[Any] = []
        self.status = 200
        self.front = HttpFront(self._answer, lambda _: True)
        url = self.backstage.run(self.backstage.stack(self.request).enter_async_context(self.front.open()))
        address = url.removeprefix("http://")
        self.good, self.wrong = f"json://ann:right@{address}/hook", f"json://ann:wrong@{address}/hook"  # type: ignore[misc]
        self.straighten()
        return {"url": f"file://{self.secret}", "text": self.name}

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Basic {base64.b64encode(b'ann:right').decode()}":
            return web.Response(status=401)
        if request.path != "/hook":
            return web.Response(status=404)
        if self.status == 200:
            self.told.append(await request.json())
        return web.Response(status=self.status)

    async def effect(self) -> Any:
        """All that it was told."""
        return list(self.told)

    async def absent(self, settings: Settings) -> Settings:
        """Another webhook."""
        self.secret.write_text(self.good.replace("/hook", "/none"))
        return settings

    async def spoil(self, settings: Settings) -> Settings:
        """It takes messages of another form by now."""
        self.status = 400
        return settings

    def changes(self) -> int:
        """What it has taken."""
        return len(self.told)
