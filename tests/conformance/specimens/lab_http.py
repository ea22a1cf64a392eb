"""What answers over HTTP: a page, and a model. The URL's name is the lab's name server's; both ways can be bent."""

from typing import Any, ClassVar

import pytest
from aiohttp import web

from runbooks.steps import ErrorType
from tests.conformance.backstage import Backstage
from tests.conformance.dns_front import DnsFront
from tests.conformance.http_front import Bend, HttpFront
from tests.conformance.specimen import Settings, Specimen
from tests.conformance.specimens.lab_names import ZONE, name_server


class _Url(Specimen):
    request: pytest.FixtureRequest
    denied = ErrorType.NOT_FOUND
    """REFUSED is what a name server says that does not serve the zone, too."""
    good: ClassVar[Any] = 200
    bad: ClassVar[Any] = 503

    async def stand(self) -> Settings:
        """A server, and a name for it."""
        backstage: Backstage = self.request.getfixturevalue("backstage")
        names = backstage.kept("names", name_server)
        stack = backstage.stack(self.request)
        self.says = self.good
        self.http = HttpFront(self._answer, lambda _: False)
        self.dns = DnsFront(names.config.address, names.config.port)
        port = backstage.run(stack.enter_async_context(self.http.open())).rpartition(":")[2]
        server = backstage.run(stack.enter_async_context(self.dns.open()))
        public = f"{self.name}.{ZONE}"
        await names.lead(public, "127.0.0.1")
        return {"url": f"http://{public.rstrip('.')}:{port}/", "resolver": {"servers": [server], "name": public}}

    async def _answer(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(status=self.says)

    async def effect(self) -> Any:
        """What it says."""
        return self.says

    async def absent(self, settings: Settings) -> Settings:
        """A name that those name servers do not serve."""
        url, resolver = settings["url"].replace(ZONE.rstrip("."), "other.example"), settings["resolver"]
        return {**settings, "url": url, "resolver": {**resolver, "name": f"{self.name}.other.example."}}

    async def spoil(self, settings: Settings) -> Settings:
        """It says something else."""
        self.says = self.bad
        return settings

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """Nobody is denied what is for all, but a name server may deny a probe its answer."""
        (self.dns if mode == "deny" else self.http).bends.append(Bend(match, mode, times))

    def straighten(self) -> None:
        """As it is."""
        self.http.bends.clear()
        self.dns.bends.clear()

    def changes(self) -> int:
        """None of the requests of a look is one."""
        return self.http.changes


class DetectHttp(_Url):
    """A page."""

    uses = "detect.http"


class VerifyHttp(_Url):
    """The same, insisting."""

    uses = "verify.http"


class VerifyInference(_Url):
    """A server that speaks as OpenAI's does."""

    uses = "verify.inference"
    good, bad = "The answer is 4.", "The answer is 5."

    async def stand(self) -> Settings:
        """It knows its sums."""
        return {**await super().stand(), "prompt": "2+2=", "expect": "4", "p95": 2}

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        known = isinstance(asked["messages"][0]["content"], str) and request.method == "POST"
        choice = {"index": 0, "message": {"role": "assistant", "content": self.says}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice]} if known else {}, status=200 if known else 400)
