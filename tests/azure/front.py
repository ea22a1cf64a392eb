"""HTTP before the fake of ARM: tokens, what was asked, and bends.

Bends: `deny`, `throttle`, `expire` (error answers, as ARM words them), `fail` (HTTP 500), `hang` (no answer), `refuse`
(the connection is closed at once), `lose` (it is done, and the answer is lost).
"""

import asyncio
import json
import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.azure.arm import Answer, Arm, Asked, Refusal, taken_apart

HEADER = "made-up"
"""What whoever asks for a token must know (`IDENTITY_HEADER`)."""
_LASTS = 3600


@dataclass
class Bend:
    """What is done to requests that match: an action, `Microsoft.Compute/*`, `changes`, `reads`, `@eastus` or `*`."""

    match: str
    mode: str
    times: int | None
    after: int = 0
    """So many are let through before."""

    def takes(self, action: str, region: str, *, change: bool) -> bool:
        """It is for this request."""
        namespace = action.partition("/")[0]
        fits = self.match in ("*", action, f"{namespace}/*", f"@{region}", "changes" if change else "reads")
        if not fits or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times = None if self.times is None else self.times - 1
        return True


class Front:
    """A server in a thread of its own."""

    def __init__(self, arm: Arm) -> None:
        self.arm = arm
        self.calls: list[dict[str, Any]] = []
        self.bends: list[Bend] = []
        self.tokens: dict[str, float] = {}
        self._released = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="arm", daemon=True)

    def start(self) -> str:
        """Its URL."""
        self._thread.start()
        assert self._ready.wait(10)
        return self.arm.url

    def stop(self) -> None:
        """It ends."""
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(10)

    def reset(self) -> None:
        """Forget everything, here and in the fake."""
        with self.arm.lock:
            self.calls.clear()
            self.bends.clear()
            self.arm.reset()
        self.release()

    def release(self) -> None:
        """What hangs is let go."""
        self._loop.call_soon_threadsafe(self._let_go)

    def _let_go(self) -> None:
        self._released.set()
        self._released = asyncio.Event()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._ending = asyncio.Event()
        runner = web.ServerRunner(web.Server(self._handle))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        self.arm.url = f"http://127.0.0.1:{port}"
        self._ready.set()
        await self._ending.wait()
        self._let_go()
        await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        raw = await request.read()
        if request.path == "/token":
            return self._token(request)
        headers = {key.lower(): value for key, value in request.headers.items()}
        try:
            body = json.loads(raw) if raw else {}
            asked = taken_apart(request.method, request.path, dict(request.query), headers, body)
        except Refusal as refusal:
            return _response(Answer(refusal.status, refusal.body))
        with self.arm.lock:
            bend = self._noted(asked, headers)
        if bend is not None and bend.mode == "hang":
            await self._released.wait()
        if bend is not None and bend.mode in {"hang", "refuse"}:
            return _cut(request)
        answer = self._answer(asked, headers, bend)
        return _cut(request) if bend is not None and bend.mode == "lose" else _response(answer)

    def _noted(self, asked: Asked, headers: dict[str, str]) -> Bend | None:
        region, change = self.arm.location_of(asked), self.arm.changes(asked)
        self.calls.append(
            {
                "asked": asked.action,
                "path": asked.path,
                "method": asked.method,
                "region": region,
                "change": change,
                "correlation": headers.get("x-ms-correlation-request-id", ""),
            }
        )
        return next((bend for bend in self.bends if bend.takes(asked.action, region, change=change)), None)

    def _answer(self, asked: Asked, headers: dict[str, str], bend: Bend | None) -> Answer:
        with self.arm.lock:
            try:
                self._authenticated(headers)
                if bend is not None:
                    _refuse(asked, bend.mode)
                return self.arm.serve(asked)
            except Refusal as refusal:
                return Answer(refusal.status, refusal.body, dict(refusal.headers))

    def _token(self, request: web.BaseRequest) -> web.Response:
        """As the endpoint of an App Service's managed identity: https://learn.microsoft.com/azure/app-service/overview-managed-identity."""
        if request.headers.get("X-IDENTITY-HEADER") != HEADER or "resource" not in request.query:
            return web.json_response({"statusCode": 401, "message": "no"}, status=401)
        token, until = str(uuid.uuid4()), time.time() + _LASTS
        with self.arm.lock:
            self.tokens[token] = until
        resource = request.query["resource"]
        said = {"access_token": token, "expires_on": str(int(until)), "resource": resource, "token_type": "Bearer"}
        return web.json_response(said)

    def _authenticated(self, headers: dict[str, str]) -> None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        until = self.tokens.get(token) if scheme == "Bearer" else None
        if until is None:
            raise Refusal(401, "InvalidAuthenticationToken", "The access token is invalid.")
        if until < time.time():
            raise Refusal(401, "ExpiredAuthenticationToken", "The access token expiry UTC time is in the past.")


def _refuse(asked: Asked, mode: str) -> None:
    """Raises Refusal where the bend is one."""
    if mode == "deny":
        message = (
            f"The client 'evac' with object id 'e0' does not have authorization to perform action '{asked.action}' "
            f"over scope '{asked.path}' or the scope is invalid."
        )
        raise Refusal(403, "AuthorizationFailed", message)
    if mode == "throttle":
        message = "The number of requests for the subscription has exceeded the limit. Please try again later."
        raise Refusal(429, "TooManyRequests", message, {"Retry-After": "0"})
    if mode == "expire":
        raise Refusal(401, "ExpiredAuthenticationToken", "The access token expiry UTC time is in the past.")
    if mode == "fail":
        raise Refusal(500, "InternalServerError", "Something went wrong.")


def _response(answer: Answer) -> web.Response:
    headers = {**answer.headers, "x-ms-request-id": str(uuid.uuid4())}
    if answer.text is not None:
        return web.Response(text=answer.text, status=answer.status, headers=headers)
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    return web.json_response(answer.body, status=answer.status, headers=headers)


def _cut(request: web.BaseRequest) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
