"""A Slack of one workspace on loopback: the Web API, Socket Mode and signed HTTP. It refuses what it does not know.

    async with FakeSlack() as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api)
        ...
        await slack.slash("U012", "status llm")
        await slack.until(lambda: slack.ephemerals("U012"))

A person does only what a client lets them do: press what is shown, and choose what is offered.
"""

import json
from typing import Any, Self
from uuid import uuid4

from aiohttp import web

from tests.slack.delivery import Delivery, Sockets, post
from tests.slack.hands import filled, pressed
from tests.slack.methods import METHODS, Method, replaced
from tests.slack.state import APP, TEAM, CannotDoError, Json, SlackError, Workspace, refuse

SCOPES = frozenset(
    {"chat:write", "commands", "usergroups:read", "users:read", "channels:history", "groups:history", "im:history"}
)
_RESPONSES = 5
"""How often a response_url may be used."""


class FakeSlack(Workspace):
    """The workspace, and the hands of the people in it."""

    bot_token, app_token, signing_secret = "xoxb-fake", "xapp-fake", "signed-by-fake"

    def __init__(self, *, ack_within: float = 3.0, scopes: frozenset[str] = SCOPES, **more: Any) -> None:
        super().__init__(**more)
        self.ack_within, self.scopes = ack_within, scopes
        self.expired = False
        """The bot token, which rotates, has come to its end."""
        self.request_url: str | None = None
        """Where signed HTTP goes; None: Socket Mode."""
        self.sockets = Sockets()
        self._responses: dict[str, tuple[str, str, int]] = {}
        self._limited, self._retry_after = 0, 1
        self._port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.down()

    async def up(self) -> None:
        """Answer, at the same address as before."""
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/socket", self.sockets.connect)
        app.router.add_post("/response/{name}", self._respond)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Nobody answers any more: connections end, and new ones are refused."""
        await self.sockets.end()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    async def refresh(self) -> None:
        """Ask the app to connect anew, as Slack does from time to time."""
        await self.sockets.end("refresh_requested")

    def limit(self, calls: int, retry_after: int = 1) -> None:
        """Answer the next calls of the Web API with 429."""
        self._limited, self._retry_after = calls, retry_after

    @property
    def address(self) -> str:
        """Of the server."""
        return f"127.0.0.1:{self._port}"

    @property
    def api(self) -> str:
        """The base_url of a client."""
        return f"http://{self.address}/api/"

    # What can be seen ------------------------------------------------------------------------------------------------

    def messages(self, channel: str = "C0123") -> list[Json]:
        """What was said there, oldest first (replies, too)."""
        return list(self.said.get(channel, []))

    def ephemerals(self, user: str) -> list[Json]:
        """What only that person saw, oldest first."""
        return list(self.shown.get(user, []))

    def modal(self, user: str) -> Json | None:
        """The modal that is open before that person."""
        return next((view for view in self.views.values() if view["user"] == user), None)

    def home(self, user: str) -> Json | None:
        """The app's page as that person sees it."""
        return self.homes.get(user)

    # What people do --------------------------------------------------------------------------------------------------

    async def slash(self, user: str, text: str = "", *, channel: str = "C0123", command: str = "/evac") -> Delivery:
        """Write a command, in a channel that the app need not be in."""
        payload = {
            "token": "old",
            "team_id": TEAM,
            "team_domain": "fake",
            "channel_id": channel,
            "channel_name": "directmessage" if channel[:1] == "D" else channel.lower(),
            "user_id": user,
            "user_name": self.users[user],
            "command": command,
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self._response_url(user, channel),
            "trigger_id": self.give(user),
        }
        return await self._bring("slash_commands", payload)

    async def click(
        self, shown: Json, action_id: str, user: str, *, value: str = "", channel: str = "C0123"
    ) -> Delivery:
        """Press what has that action_id on the message, modal or page (and `value` in its value, if several have it).

        A confirm dialog is answered with yes. A select is given the `value` that is chosen.
        """
        action = pressed(shown, action_id, value)
        payload = {**self._person(user, "block_actions"), "actions": [{**action, "action_ts": self.now()}]}
        if "id" not in shown:
            private = "ts" not in shown
            where = {"type": "message", "message_ts": shown.get("ts", "1.0"), "channel_id": channel}
            payload |= {"container": {**where, "is_ephemeral": private}, "channel": {"id": channel, "name": "x"}}
            payload |= {"response_url": self._response_url(user, channel), "state": {"values": {}}}
            payload |= {} if private else {"message": shown}
        else:
            payload |= {"container": {"type": "view", "view_id": shown["id"]}, "view": _public(shown)}
        return await self._bring("interactive", payload)

    async def submit(self, view: Json, values: dict[str, Any] | None = None) -> Delivery:
        """Fill in the modal that is open (by block_id or action_id), and send it off."""
        if self.views.get(view["id"]) is not view:
            message = f"the view {view['id']} is not open any more, or shows something else by now"
            raise CannotDoError(message)
        sent = {**_public(view), "state": {"values": filled(view, values or {})}}
        payload = {**self._person(view["user"], "view_submission"), "view": sent, "response_urls": []}
        delivery = await self._bring("interactive", payload)
        if delivery.acked:
            self._after(view, delivery.acks[-1])
            await self.tell()
        return delivery

    async def close(self, view: Json) -> None:
        """Close the modal without sending it."""
        del self.views[view["id"]]

    async def open_home(self, user: str, tab: str = "home") -> Delivery:
        """Open the app's page."""
        event: Json = {"type": "app_home_opened", "user": user, "channel": f"D{user[1:]}", "tab": tab}
        payload = {"token": "old", "team_id": TEAM, "api_app_id": APP, "type": "event_callback", "authed_users": [user]}
        payload |= {"event": {**event, "event_ts": self.now()}, "event_id": f"Ev{self.number()}", "event_time": 1}
        return await self._bring("events_api", payload)

    async def again(self, delivery: Delivery) -> bool:
        """Bring the same thing once more, as Slack does when an ack was lost; whether it was taken."""
        return await self._once(delivery)

    # How it works ----------------------------------------------------------------------------------------------------

    def _person(self, user: str, kind: str) -> Json:
        name = self.users[user]
        return {
            "type": kind,
            "user": {"id": user, "username": name, "name": name, "team_id": self.teams.get(user, TEAM)},
            "api_app_id": APP,
            "token": "old",
            "trigger_id": self.give(user),
            "team": {"id": TEAM, "domain": "fake"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    async def _bring(self, kind: str, payload: Json) -> Delivery:
        """Bring it, and once more when it was not taken in time."""
        delivery = Delivery(kind, payload, str(uuid4()))
        if not await self._once(delivery):
            await self._once(delivery)
        if kind == "slash_commands" and delivery.acked and delivery.acks[-1]:
            self._show(payload["user_id"], payload["channel_id"], delivery.acks[-1])
            await self.tell()
        return delivery

    async def _once(self, delivery: Delivery) -> bool:
        if self.request_url is None:
            return await self.sockets.bring(delivery, self.ack_within)
        return await post(self.request_url, self.signing_secret, delivery, self.ack_within)

    def _after(self, view: Json, answer: Json) -> None:
        """What becomes of a modal that was sent off."""
        match answer.get("response_action"):
            case None if not answer:
                del self.views[view["id"]]
            case "clear":
                self.views = {name: one for name, one in self.views.items() if one["user"] != view["user"]}
            case "errors":
                inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
                strange = answer["errors"].keys() - inputs
                if strange or not answer["errors"]:
                    message = f"errors must name input blocks: {', '.join(strange) or 'none is named'}"
                    raise CannotDoError(message)
                view["errors"] = answer["errors"]
            case "update":
                replaced(self, view, answer["view"])
            case _:
                message = f"this is no answer to a submission: {answer}"
                raise CannotDoError(message)

    def _response_url(self, user: str, channel: str) -> str:
        name = uuid4().hex
        self._responses[name] = user, channel, _RESPONSES
        return f"http://{self.address}/response/{name}"

    async def _respond(self, request: web.Request) -> web.Response:
        user, channel, left = self._responses.get(request.match_info["name"], ("", "", 0))
        if not left:
            return web.Response(status=404, text="expired_url")
        try:
            self._show(user, channel, json.loads(await request.read()))
        except SlackError as error:
            self.refused.append(f"response_url: {error}")
            return web.Response(status=400, text=str(error))
        self._responses[request.match_info["name"]] = user, channel, left - 1
        await self.tell()
        return web.Response(text="ok")

    def _show(self, user: str, channel: str, said: Json) -> None:
        """An answer by response_url, or in an ack: for the person alone, unless it says otherwise."""
        known = {"text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts"}
        if said.keys() - known:
            refuse("invalid_arguments")
        message = {"text": said.get("text", ""), "blocks": said.get("blocks", [])}
        METHODS["chat.postEphemeral"].act(
            Workspace(users=self.users, channels={channel: {user, "U0BOT"}}),
            {"channel": channel, "user": user, **{key: value for key, value in message.items() if value}},
        )
        public = said.get("response_type") == "in_channel"
        if public:
            self.said.setdefault(channel, []).append({**message, "ts": self.now(), "user": "U0BOT", "type": "message"})
        else:
            self.shown.setdefault(user, []).append({**message, "channel": channel})

    async def _call(self, request: web.Request) -> web.Response:
        """One call of the Web API."""
        name = request.match_info["method"]
        if self._limited:
            self._limited -= 1
            answer = {"ok": False, "error": "ratelimited"}
            return web.json_response(answer, status=429, headers={"Retry-After": str(self._retry_after)})
        try:
            answer = {"ok": True, **self._answer(name, request.headers.get("Authorization", ""), await _given(request))}
        except SlackError as error:
            self.refused.append(f"{name}: {error}")
            answer = error.answer
        await self.tell()
        return web.json_response(answer)

    def _answer(self, name: str, authorization: str, given: Json) -> Json:
        method = METHODS.get(name)
        if method is None:
            refuse("unknown_method", req_method=name)
        self._check_token(method, authorization.removeprefix("Bearer "))
        method.check(given)
        answer = method.act(self, given)
        self.calls.append((name, given))
        if name == "apps.connections.open":
            ticket = uuid4().hex
            self.sockets.tickets.add(ticket)
            return {"url": f"ws://{self.address}/socket?ticket={ticket}&app_id={APP}"}
        return answer

    def _check_token(self, method: Method, token: str) -> None:
        if not token:
            refuse("not_authed")
        if token not in {self.bot_token, self.app_token}:
            refuse("invalid_auth")
        if self.expired and token == self.bot_token:
            refuse("token_expired")
        if (token == self.app_token) != method.app_token:
            refuse("not_allowed_token_type")
        if not method.app_token and method.scopes and not self.scopes & set(method.scopes):
            refuse("missing_scope", needed=",".join(method.scopes), provided=",".join(sorted(self.scopes)))


def _public(view: Json) -> Json:
    return {key: value for key, value in view.items() if key not in {"user", "errors"}}


async def _given(request: web.Request) -> Json:
    """The arguments, of a JSON body or a form (where what has structure is JSON in a field)."""
    if request.content_type == "application/json":
        given: Json = await request.json()
    else:
        given = {**request.query, **await request.post()}
        for key in ("blocks", "view", "metadata"):
            if key in given:
                given[key] = _decoded(key, given[key])
    given.pop("token", None)
    return given


def _decoded(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        refuse("invalid_blocks" if key == "blocks" else "invalid_arguments")
