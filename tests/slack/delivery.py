"""How Slack brings what a person did to the app: by a websocket (Socket Mode), or by signed HTTP."""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.slack.state import APP, Json


@dataclass
class Delivery:
    """One thing that was brought to the app, and how the app took it."""

    kind: str
    payload: Json
    envelope: str
    acks: list[Json] = field(default_factory=list)
    """What the app answered, once for each time it was brought and taken."""
    brought: int = 0
    status: int = 200
    """Over HTTP: what the app answered last."""

    @property
    def acked(self) -> bool:
        """The app took it in time; otherwise the person is told that it failed."""
        return bool(self.acks)

    @property
    def trigger_id(self) -> str:
        """What a modal may be opened with."""
        return str(self.payload["trigger_id"])


class Sockets:
    """Socket Mode: the connections that are open, and what awaits its ack."""

    def __init__(self) -> None:
        self.open: list[web.WebSocketResponse] = []
        self.tickets: set[str] = set()
        self._waiting: dict[str, tuple[Delivery, asyncio.Event]] = {}
        self.strange: list[Json] = []
        """What the app sent and no Socket Mode client would."""
        self.changed = asyncio.Condition()

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One connection, until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            raise web.HTTPUnauthorized(text="the ticket is unknown, or was used")
        self.tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = {"type": "hello", "num_connections": len(self.open) + 1, "connection_info": {"app_id": APP}}
        await socket.send_json({**hello, "debug_info": {"host": "fake", "approximate_connection_time": 18060}})
        await self._now_open([*self.open, socket])
        try:
            async for message in socket:
                self._take(json.loads(message.data))
        finally:
            await self._now_open([other for other in self.open if other is not socket])
        return socket

    async def _now_open(self, sockets: list[web.WebSocketResponse]) -> None:
        async with self.changed:
            self.open = sockets
            self.changed.notify_all()

    async def connected(self) -> None:
        """Return as soon as the app is connected."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.open)

    def _take(self, said: Json) -> None:
        known = self._waiting.get(said.get("envelope_id", ""))
        if known is None or said.keys() - {"envelope_id", "payload"}:
            self.strange.append(said)
            return
        delivery, came = known
        delivery.acks.append(said.get("payload") or {})
        came.set()

    async def bring(self, delivery: Delivery, within: float, reason: str = "timeout") -> bool:
        """Send it once; whether its ack came in time."""
        if not self.open:
            return False
        came = asyncio.Event()
        self._waiting[delivery.envelope] = delivery, came
        envelope: Json = {"envelope_id": delivery.envelope, "type": delivery.kind, "payload": delivery.payload}
        envelope["accepts_response_payload"] = delivery.kind != "events_api"
        if delivery.brought:
            envelope |= {"retry_attempt": delivery.brought, "retry_reason": reason}
        delivery.brought += 1
        await self.open[-1].send_json(envelope)
        try:
            await asyncio.wait_for(came.wait(), within)
        except TimeoutError:
            return False
        return True

    async def end(self, reason: str | None = None) -> None:
        """Close every connection; with a reason, say so before."""
        ending, self.open = self.open, []
        for socket in ending:
            if reason is not None:
                await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}})
            await socket.close(code=aiohttp.WSCloseCode.GOING_AWAY)


def signed(secret: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack proves that the body is its own."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def body_of(kind: str, payload: Json) -> tuple[bytes, str]:
    """The body as it goes over HTTP, and its content type."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields: Any = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


async def post(url: str, secret: str, delivery: Delivery, within: float) -> bool:
    """Bring it by HTTP; whether a 200 came in time."""
    body, kind = body_of(delivery.kind, delivery.payload)
    headers = {"Content-Type": kind, **signed(secret, body)}
    if delivery.brought:
        headers |= {"X-Slack-Retry-Num": str(delivery.brought), "X-Slack-Retry-Reason": "http_timeout"}
    delivery.brought += 1
    limit = aiohttp.ClientTimeout(total=within)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(url, data=body, headers=headers) as got,
        ):
            text = await got.text()
            delivery.status = got.status
    except (TimeoutError, aiohttp.ClientError):
        return False
    if delivery.status == 200:
        delivery.acks.append(json.loads(text) if text.startswith("{") else {"text": text} if text else {})
    return delivery.status == 200
