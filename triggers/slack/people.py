"""Who is acting in Slack, and which of the known user groups they are in. Slack's signature, or its socket, proves it.

A display name proves nothing: anyone can change their own. The user's id does.
"""

import logging
import time

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from runbooks.values import Model
from triggers.slack.settings import SlackSettings

log = logging.getLogger(__name__)

_FRESH = 60.0
"""Seconds for which a group's members are remembered."""
GROUP = "slack-group:"


class Person(Model):
    """Somebody of this workspace, by the name that runbooks know them by."""

    user: str
    name: str
    proof: str


class People:
    """The people of one workspace."""

    def __init__(self, web: AsyncWebClient, settings: SlackSettings, team: str) -> None:
        self._web, self._settings, self._team = web, settings, team
        self._members: dict[str, tuple[float, frozenset[str]]] = {}

    def who(self, user: str) -> Person:
        """The person with that id."""
        name = self._settings.people.get(user, user)
        return Person(user=user, name=name, proof=f"slack user {user} of team {self._team}")

    def stranger(self, team: str) -> str | None:
        """Why somebody of that team may do nothing here, or None: shared channels hold people of other companies."""
        if team in ("", self._team):
            return None
        return "Only members of the workspace that Evac belongs to can say something to it"

    async def groups(self, user: str) -> tuple[str, ...]:
        """The groups that the person is in, as runbooks name them. One that cannot be asked has no members."""
        held = [group for group in self._settings.groups if user in await self._in(group)]
        return tuple(f"{GROUP}{group}" for group in held)

    async def may_start(self, person: Person) -> str | None:
        """Why this person may start nothing, or None."""
        allowed = self._settings.may_start
        if not allowed or not {person.name, *await self.groups(person.user)}.isdisjoint(allowed):
            return None
        return f"{person.name} is not among those who may start something from Slack ({', '.join(sorted(allowed))})"

    async def _in(self, group: str) -> frozenset[str]:
        until, members = self._members.get(group, (0.0, frozenset()))
        if time.monotonic() < until:
            return members
        try:
            answer = await self._web.usergroups_users_list(usergroup=group)
        except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("The members of the Slack group %s cannot be read: nobody counts as one. %s", group, error)
            return frozenset()
        members = frozenset(answer.get("users", ()))
        self._members[group] = time.monotonic() + _FRESH, members
        return members
