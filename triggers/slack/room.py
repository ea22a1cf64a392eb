"""What every handler of the door needs: Temporal, the runbooks, the people, and what was heard already."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient
from temporalio.client import Client

from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.runs import Decision, DecisionKind, Trigger
from triggers.errors import UnclearError
from triggers.serve.library import Library
from triggers.slack.people import People, Person
from triggers.slack.reply import Reply
from triggers.slack.settings import SlackSettings
from worker.settings import Settings

_REMEMBERED = 4096


class Room:
    """One workspace's door."""

    def __init__(
        self, temporal: Client, settings: Settings, slack: SlackSettings, library: Library, web: AsyncWebClient
    ) -> None:
        self.temporal, self.settings, self.slack, self.web = temporal, settings, slack, web
        self.library = library
        self.team = ""
        self.people = People(web, slack, "")
        self._reading = asyncio.Lock()
        self._heard: OrderedDict[str, None] = OrderedDict()

    def opened(self, team: str) -> None:
        """The workspace is known now."""
        self.team = team
        self.people = People(self.web, self.slack, team)

    def first(self, delivery: str) -> bool:
        """It was not heard before. Slack brings again what was not taken in time; each counts once."""
        if delivery in self._heard:
            return False
        self._heard[delivery] = None
        if len(self._heard) > _REMEMBERED:
            self._heard.popitem(last=False)
        return True

    async def books(self) -> tuple[LoadedRunbook, ...]:
        """The runbooks as they are now, by name."""
        async with self._reading:  # two at once would each think that the other has read what is new
            await asyncio.to_thread(self.library.refresh)
        return tuple(sorted(self.library.books, key=lambda read: read.runbook.name))

    async def book(self, name: str) -> LoadedRunbook:
        """The runbook of that name. Raises UnclearError."""
        return named(await self.books(), name)

    def reply(self, user: str, response_url: str = "", channel: str = "") -> Reply:
        """Where that person's answers go."""
        return Reply(self.web, user, response_url, channel, self.slack.channel)

    async def decision(self, person: Person, kind: DecisionKind, delivery: str, **more: object) -> Decision:
        """What the person says; it counts once, however often it is brought."""
        return Decision.model_validate(
            {
                "id": delivery,
                "kind": kind,
                "by": person.name,
                "at": time.time(),
                "proof": person.proof,
                "groups": await self.people.groups(person.user),
                **more,
            }
        )


@dataclass(frozen=True)
class Heard:
    """One thing that a person did, and where it is answered."""

    person: Person
    delivery: str
    reply: Reply
    trigger_id: str


def trigger(person: Person, procedure: Procedure, delivery: str, **more: object) -> Trigger:
    """What the person asks for; it counts once, however often it is brought."""
    known = {"id": delivery, "kind": "person", "by": person.name, "proof": person.proof, "at": time.time()}
    return Trigger.model_validate({**known, "procedure": procedure, **more})


def named(books: Sequence[LoadedRunbook], name: str) -> LoadedRunbook:
    """The runbook of that name. Raises UnclearError."""
    for read in books:
        if read.runbook.name == name:
            return read
    known = ", ".join(read.runbook.name for read in books) or "none"
    message = f"this server has no runbook {name}; it has {known}"
    raise UnclearError(message)
