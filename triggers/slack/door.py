"""The Slack door: Slack's own app framework in front of the handlers, by Socket Mode or by signed HTTP.

Everything is acknowledged before Temporal is asked anything: Slack gives three seconds.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.client import Client

from activities.secrets import resolve
from triggers.serve.config import ServeConfig
from triggers.serve.library import Library
from triggers.slack.buttons import check, pressed, sent
from triggers.slack.commands import command
from triggers.slack.home import publish
from triggers.slack.reply import NO_SLACK
from triggers.slack.room import Heard, Room
from triggers.slack.settings import SlackSettings
from worker.settings import Settings

log = logging.getLogger(__name__)

PATH = "/slack/events"
PING = 5.0
"""Seconds between two looks at the connection; one that is gone is made anew within as many."""
_LARGEST = 1_000_000
_LAST_WORDS = 5.0
_ANY = re.compile(".*")
Body = dict[str, Any]


@dataclass(frozen=True)
class Door:
    """The open door. `routes` is what an HTTP server must serve for it: nothing in Socket Mode."""

    routes: tuple[Route, ...]


@asynccontextmanager
async def slack_door(
    client: Client, settings: Settings, config: ServeConfig, ping: float = PING
) -> AsyncIterator[Door]:
    """Open the door for as long as the context lasts. Raises SlackApiError or what the network says, and StepError."""
    slack = config.slack
    assert slack is not None
    web = _web(slack)
    room = Room(client, settings, slack, Library(config), web)
    doorman = Doorman(room, str(resolve(slack.signing_secret).get_secret_value()) if slack.signing_secret else "")
    room.opened(await doorman.introduce())
    try:
        if slack.app_token is None:
            yield Door((Route(PATH, doorman.over_http, methods=["POST"]),))
        else:
            token = resolve(slack.app_token).get_secret_value()
            socket = AsyncSocketModeHandler(doorman.app, token, web_client=web, ping_interval=ping)
            try:
                await socket.connect_async()  # type: ignore[no-untyped-call]
                yield Door(())
            finally:
                await socket.close_async()  # type: ignore[no-untyped-call]
    finally:
        await doorman.finish()


def _web(slack: SlackSettings) -> AsyncWebClient:
    token = resolve(slack.bot_token).get_secret_value()
    web = AsyncWebClient(token=token, base_url=f"{slack.api.rstrip('/')}/", timeout=10)
    web.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    return web


class Doorman:
    """Takes what Slack brings, acknowledges it, and hands it on once."""

    def __init__(self, room: Room, signing_secret: str) -> None:
        self._room = room
        self._going: set[asyncio.Task[None]] = set()
        self._known = AuthorizeResult(enterprise_id=None, team_id=None)

        async def known() -> AuthorizeResult:
            return self._known

        bare = AsyncWebClient(base_url=room.web.base_url)  # the token comes with what `known` answers
        self.app = AsyncApp(authorize=known, signing_secret=signing_secret, client=bare)
        self.app.command(_ANY)(self._command)
        self.app.action(_ANY)(self._action)
        self.app.view(_ANY)(self._view)
        self.app.event("app_home_opened")(self._home)

    async def introduce(self) -> str:
        """Learn which workspace this is, once: nothing is asked of Slack between hearing and acknowledging."""
        told = await self._room.web.auth_test()
        self._known = AuthorizeResult.from_auth_test_response(bot_token=self._room.web.token, auth_test_response=told)
        return str(told["team_id"])

    async def finish(self) -> None:
        """Let what is being answered end, for a short time."""
        if self._going:
            await asyncio.wait(self._going, timeout=_LAST_WORDS)
        for task in self._going:
            task.cancel()

    async def over_http(self, request: Request) -> Response:
        """One delivery; bolt checks the signature of the raw bytes, and refuses old ones."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST:
                return Response(status_code=413)
        try:
            taken = to_async_bolt_request(request, body)
        except UnicodeDecodeError:
            return Response(status_code=400)
        return to_starlette_response(await self.app.async_dispatch(taken))

    async def _command(self, ack: Callable[..., Awaitable[Any]], body: Body) -> None:
        await ack()
        heard = self._heard(body, body["user_id"], body["trigger_id"], body.get("team_id", ""))
        if heard is not None:
            self._go(command(self._room, heard, body.get("text", "")))

    async def _action(self, ack: Callable[..., Awaitable[Any]], body: Body) -> None:
        await ack()
        action = body["actions"][0]
        heard = self._heard(body, body["user"]["id"], action["action_ts"], body["user"].get("team_id", ""))
        if heard is not None:
            self._go(pressed(self._room, heard, action["action_id"], action.get("value") or ""))

    async def _view(self, ack: Callable[..., Awaitable[Any]], body: Body) -> None:
        view = body["view"]
        why_not = self._room.people.stranger(body["user"].get("team_id", ""))
        person = self._room.people.who(body["user"]["id"])
        answer = None if why_not else await check(self._room, person, view)
        if answer is not None and "type" not in answer:
            await ack(response_action="errors", errors=answer)
            return
        await (ack() if answer is None else ack(response_action="update", view=answer))
        heard = self._heard(body, body["user"]["id"], f"{view['id']}:{view['hash']}", body["user"].get("team_id", ""))
        if heard is not None:
            self._go(sent(self._room, heard, view))

    async def _home(self, event: Body) -> None:
        if event.get("tab", "home") == "home":
            self._go(self._publish(event["user"]))

    async def _publish(self, user: str) -> None:
        try:
            await publish(self._room, user)
        except NO_SLACK as error:
            log.warning("Slack did not take the home tab of %s: %s", user, error)

    def _heard(self, body: Body, user: str, what: str, team: str) -> Heard | None:
        """Who said it, and where it is answered; None for what was heard already, or comes from a stranger."""
        room = self._room
        channel = body.get("channel_id") or (body.get("channel") or {}).get("id", "")
        reply = room.reply(user, body.get("response_url", ""), channel)
        why_not = room.people.stranger(team)
        if why_not is not None:
            self._go(reply.alone(why_not))
            return None
        delivery = f"slack:{room.team}:{what}"
        if not room.first(delivery):
            return None
        return Heard(room.people.who(user), delivery, reply, body.get("trigger_id", ""))

    def _go(self, work: Awaitable[None]) -> None:
        """Do it after the acknowledgement, and be waited for when the door closes."""
        task = asyncio.ensure_future(_logged(work))
        self._going.add(task)
        task.add_done_callback(self._going.discard)


async def _logged(work: Awaitable[None]) -> None:
    try:
        await work
    except Exception:
        log.exception("What came from Slack could not be handled")
