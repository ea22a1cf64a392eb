"""What a workspace holds: people, channels, messages, views. The fake's methods change it; tests read it."""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

Json = dict[str, Any]

TEAM, APP, BOT, BOT_ID = "T012", "A012", "U0BOT", "B012"


class SlackError(Exception):
    """What Slack answers as `ok: false`."""

    def __init__(self, error: str, **more: Any) -> None:
        self.answer: Json = {"ok": False, "error": error, **more}
        super().__init__(error)


def refuse(error: str, **more: Any) -> NoReturn:
    """Raises SlackError."""
    raise SlackError(error, **more)


class CannotDoError(AssertionError):
    """What no person could do in a Slack client: press a button that is not there, leave out what is asked for."""


@dataclass
class Given:
    """A trigger_id: good for a short time, once, for one person."""

    user: str
    until: float
    used: bool = False


@dataclass
class Workspace:
    """One team. `ann` asks, `ben` and `carl` approve, `eve` is nobody."""

    users: dict[str, str] = field(
        default_factory=lambda: {"U012": "ann", "U034": "ben", "U056": "carl", "U078": "eve", BOT: "evac"}
    )
    channels: dict[str, set[str]] = field(
        default_factory=lambda: {"C0123": {"U012", "U034", "U056", "U078", BOT}, "C0999": {"U012", "U034"}}
    )
    """Who is in each channel; the app is not in C0999."""
    groups: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"S0123": ("U034", "U056")})
    teams: dict[str, str] = field(default_factory=dict)
    """Of people from elsewhere, in a channel that is shared with their company."""
    said: dict[str, list[Json]] = field(default_factory=dict)
    shown: dict[str, list[Json]] = field(default_factory=dict)
    """What only one person sees, oldest first."""
    views: dict[str, Json] = field(default_factory=dict)
    """The modals that are open, by id."""
    homes: dict[str, Json] = field(default_factory=dict)
    triggers: dict[str, Given] = field(default_factory=dict)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    """Each call of the Web API that was understood, oldest first."""
    refused: list[str] = field(default_factory=list)
    """Each one that was not, as `method: error`."""
    trigger_lives: float = 3.0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def number(self) -> int:
        """The next one, never the same twice."""
        return next(self._numbers)

    def now(self) -> str:
        """A `ts`: it names a message within its channel."""
        return f"{int(time.time())}.{self.number():06d}"

    def give(self, user: str) -> str:
        """A trigger_id for what the person just did."""
        name = f"{self.number()}.{self.number()}.trigger"
        self.triggers[name] = Given(user, time.monotonic() + self.trigger_lives)
        return name

    def take(self, trigger: str) -> str:
        """The person behind the trigger_id, which is used up by this."""
        given = self.triggers.get(trigger)
        if given is None:
            refuse("invalid_trigger_id")
        if given.used:
            refuse("exchanged_trigger_id")
        if time.monotonic() > given.until:
            refuse("expired_trigger_id")
        given.used = True
        return given.user

    def channel(self, name: str) -> str:
        """The channel of that id (a person's id is the direct channel with the app), where the app may speak."""
        if name in self.users and name != BOT:
            name = f"D{name[1:]}"
        if name[:1] == "D" and f"U{name[1:]}" in self.users:
            return name
        if name not in self.channels:
            refuse("channel_not_found")
        if BOT not in self.channels[name]:
            refuse("not_in_channel")
        return name

    def members(self, channel: str) -> set[str]:
        """Who is in it."""
        return {f"U{channel[1:]}", BOT} if channel[:1] == "D" else self.channels[channel]

    def message(self, channel: str, ts: str) -> Json:
        """The message, or message_not_found."""
        for message in self.said.get(channel, []):
            if message["ts"] == ts:
                return message
        refuse("message_not_found")

    async def tell(self) -> None:
        """Something has changed: whoever waits looks again."""
        async with self.changed:
            self.changed.notify_all()

    async def until(self, wanted: Callable[[], Any], within: float = 30.0) -> Any:
        """What `wanted` gives, as soon as that is something."""
        async with asyncio.timeout(within), self.changed:
            return await self.changed.wait_for(wanted)
