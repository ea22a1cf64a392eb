"""The Web API: each method with the scope that it needs and the arguments that it takes; all else is refused.

Stricter than Slack where Slack only warns: an unknown argument is `invalid_arguments`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.slack.blocks import faults_of_message, faults_of_view
from tests.slack.state import APP, BOT, BOT_ID, TEAM, Json, Workspace, refuse

LONGEST_POST, LONGEST_UPDATE, LARGEST_METADATA, LARGEST_VIEW = 40_000, 4_000, 8_000, 250_000


@dataclass(frozen=True)
class Method:
    """One method of the Web API."""

    act: Callable[[Workspace, Json], Json]
    needed: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    scopes: tuple[str, ...] = ()
    """Any one of these is enough; none: every token may."""
    app_token: bool = False

    def check(self, given: Json) -> None:
        """Raises SlackError for what is missing or unknown."""
        missing, unknown = self.needed - given.keys(), given.keys() - self.needed - self.optional
        if missing or unknown:
            told = [f"[ERROR] missing required field: {name}" for name in sorted(missing)]
            told += [f"[ERROR] unknown argument: {name}" for name in sorted(unknown)]
            refuse("invalid_arguments", response_metadata={"messages": told})


def _auth_test(space: Workspace, _given: Json) -> Json:
    return {
        "url": "https://fake.slack.com/",
        "team": "fake",
        "user": space.users[BOT],
        "team_id": TEAM,
        "user_id": BOT,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def _content(given: Json, longest: int) -> Json:
    """The text, blocks and metadata of a message, or why Slack refuses them."""
    text, blocks, metadata = given.get("text"), given.get("blocks"), given.get("metadata")
    if not text and not blocks:
        refuse("no_text")
    if text and len(text) > longest:
        refuse("msg_too_long")
    if blocks is not None:
        faults = faults_of_message(blocks)
        if faults:
            refuse("invalid_blocks", errors=faults, response_metadata={"messages": faults})
    if metadata is not None:
        good = isinstance(metadata, dict) and metadata.keys() == {"event_type", "event_payload"}
        if not good or not isinstance(metadata["event_payload"], dict):
            refuse("invalid_metadata_format")
        if len(json.dumps(metadata)) > LARGEST_METADATA:
            refuse("metadata_too_large")
    found = {"text": text, "blocks": blocks, "metadata": metadata}
    return {key: value for key, value in found.items() if value is not None}


def _named(space: Workspace, blocks: list[Json]) -> list[Json]:
    """Slack names the blocks that have no name."""
    return [block if "block_id" in block else {**block, "block_id": f"b{space.number()}"} for block in blocks]


def _post(space: Workspace, given: Json) -> Json:
    channel = space.channel(given["channel"])
    content = _content(given, LONGEST_POST)
    thread = given.get("thread_ts")
    if thread is not None:
        space.message(channel, thread)
    message = {"type": "message", "user": BOT, "bot_id": BOT_ID, "app_id": APP, "team": TEAM, "text": ""}
    message |= {**content, "ts": space.now()} | ({"thread_ts": thread} if thread else {})
    if thread is not None and given.get("reply_broadcast"):
        message["subtype"] = "thread_broadcast"
    message["blocks"] = _named(space, content.get("blocks", []))
    space.said.setdefault(channel, []).append(message)
    return {"channel": channel, "ts": message["ts"], "message": message}


def _update(space: Workspace, given: Json) -> Json:
    channel = space.channel(given["channel"])
    message = space.message(channel, given["ts"])
    if message["user"] != BOT:
        refuse("cant_update_message")
    content = _content(given, LONGEST_UPDATE)
    message |= {**content, "edited": {"user": BOT, "ts": space.now()}}
    message["blocks"] = _named(space, content.get("blocks", message["blocks"]))
    return {"channel": channel, "ts": message["ts"], "text": message["text"], "message": message}


def _post_ephemeral(space: Workspace, given: Json) -> Json:
    channel = space.channel(given["channel"])
    if given["user"] not in space.members(channel):
        refuse("user_not_in_channel")
    content = _content(given, LONGEST_POST)
    blocks = _named(space, content.get("blocks", []))
    ts = space.now()
    space.shown.setdefault(given["user"], []).append({"text": "", **content, "blocks": blocks, "channel": channel})
    return {"message_ts": ts}


def _read(message: Json, given: Json) -> Json:
    """Metadata is given only to whoever asks for it."""
    wanted = str(given.get("include_all_metadata", "")).lower() in {"true", "1"}
    return message if wanted else {key: value for key, value in message.items() if key != "metadata"}


def _page(found: list[Json], given: Json, most: int) -> Json:
    oldest, latest = str(given.get("oldest", "0")), str(given.get("latest", "9999999999"))
    inclusive = str(given.get("inclusive", "")).lower() in {"true", "1"}
    found = [one for one in found if oldest < one["ts"] < latest or (inclusive and one["ts"] in {oldest, latest})]
    start, limit = int(given.get("cursor") or 0), int(given.get("limit", 100))
    if not 1 <= limit <= most:
        refuse("invalid_limit")
    more = len(found) > start + limit
    page = [_read(one, given) for one in found[start : start + limit]]
    return {
        "messages": page,
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }


def _history(space: Workspace, given: Json) -> Json:
    channel = space.channel(given["channel"])
    said = space.said.get(channel, [])
    parents = [one for one in said if "subtype" in one or one.get("thread_ts", one["ts"]) == one["ts"]]
    return _page(parents[::-1], given, 999)


def _replies(space: Workspace, given: Json) -> Json:
    channel = space.channel(given["channel"])
    thread = [one for one in space.said.get(channel, []) if given["ts"] in {one["ts"], one.get("thread_ts")}]
    if not thread:
        refuse("thread_not_found")
    return _page(thread, given, 1000)


def _view(space: Workspace, view: Json, wanted: str) -> Json:
    faults = faults_of_view(view)
    if not faults and view["type"] != wanted:
        faults = [f"[ERROR] this takes a view of the type {wanted}"]
    if faults:
        refuse("invalid_arguments", response_metadata={"messages": faults})
    if len(json.dumps(view)) > LARGEST_VIEW:
        refuse("view_too_large")
    made = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None, "close": None, **view}
    made |= {"team_id": TEAM, "app_id": APP, "bot_id": BOT_ID, "hash": space.now(), "state": {"values": {}}}
    return {**made, "blocks": _named(space, view["blocks"])}


def _open(space: Workspace, given: Json) -> Json:
    made = _view(space, given["view"], "modal")
    user = space.take(given["trigger_id"])
    if any(view["user"] == user for view in space.views.values()):
        refuse("exchanged_trigger_id")
    name = f"V{space.number():03d}"
    space.views[name] = {**made, "id": name, "root_view_id": name, "user": user, "errors": {}}
    return {"view": space.views[name]}


def replaced(space: Workspace, old: Json, view: Json) -> Json:
    """The open view with other content."""
    made = _view(space, view, old["type"])
    kept = {key: old[key] for key in ("id", "root_view_id", "user")}
    space.views[old["id"]] = {**made, **kept, "errors": {}}
    return space.views[old["id"]]


def _update_view(space: Workspace, given: Json) -> Json:
    known = space.views.get(given.get("view_id", ""))
    if known is None:
        refuse("not_found")
    if given.get("hash", known["hash"]) != known["hash"]:
        refuse("hash_conflict")
    return {"view": replaced(space, known, given["view"])}


def _publish(space: Workspace, given: Json) -> Json:
    user = given["user_id"]
    if user not in space.users:
        refuse("user_not_found")
    known = space.homes.get(user)
    if known is not None and given.get("hash", known["hash"]) != known["hash"]:
        refuse("hash_conflict")
    made = _view(space, given["view"], "home")
    space.homes[user] = {**made, "id": f"VH{user[1:]}", "root_view_id": f"VH{user[1:]}", "user": user}
    return {"view": space.homes[user]}


def _user(space: Workspace, given: Json) -> Json:
    name = space.users.get(given["user"])
    if name is None:
        refuse("user_not_found")
    told = {"id": given["user"], "team_id": TEAM, "name": name, "deleted": False, "is_bot": given["user"] == BOT}
    return {"user": {**told, "real_name": name.capitalize(), "profile": {"display_name": name}}}


def _members(space: Workspace, given: Json) -> Json:
    members = space.groups.get(given["usergroup"])
    if members is None:
        refuse("no_such_subteam")
    return {"users": list(members)}


def _nothing(_space: Workspace, _given: Json) -> Json:
    return {}


_MESSAGE = frozenset(
    {"text", "blocks", "metadata", "thread_ts", "reply_broadcast", "unfurl_links", "unfurl_media", "mrkdwn"}
)
_PAGED = frozenset({"cursor", "limit", "latest", "oldest", "inclusive", "include_all_metadata"})
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")

METHODS: dict[str, Method] = {
    "auth.test": Method(_auth_test, optional=frozenset({"team_id"})),
    "apps.connections.open": Method(_nothing, app_token=True, scopes=("connections:write",)),
    "chat.postMessage": Method(_post, frozenset({"channel"}), _MESSAGE, ("chat:write",)),
    "chat.update": Method(
        _update, frozenset({"channel", "ts"}), frozenset({"text", "blocks", "metadata"}), ("chat:write",)
    ),
    "chat.postEphemeral": Method(
        _post_ephemeral, frozenset({"channel", "user"}), frozenset({"text", "blocks", "thread_ts"}), ("chat:write",)
    ),
    "conversations.history": Method(_history, frozenset({"channel"}), _PAGED, _HISTORY),
    "conversations.replies": Method(_replies, frozenset({"channel", "ts"}), _PAGED, _HISTORY),
    "views.open": Method(_open, frozenset({"trigger_id", "view"})),
    "views.update": Method(_update_view, frozenset({"view_id", "view"}), frozenset({"hash"})),
    "views.publish": Method(_publish, frozenset({"user_id", "view"}), frozenset({"hash"})),
    "users.info": Method(_user, frozenset({"user"}), scopes=("users:read",)),
    "usergroups.users.list": Method(_members, frozenset({"usergroup"}), scopes=("usergroups:read",)),
}
