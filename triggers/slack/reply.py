"""Answering: to one person alone, or in a channel. What cannot be said does not undo what was done: it is logged."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from activities.slack.blocks import Block, cut

log = logging.getLogger(__name__)

NO_SLACK = (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError)
"""What goes wrong when Slack does not take what it is told."""
_OK = 200
_LONGEST = 12_000
_NOT_THERE = frozenset({"not_in_channel", "channel_not_found", "is_archived", "restricted_action"})


def ours(text: str) -> str:
    """A sentence of ours, which may quote others: no link and no mention can come of it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(frozen=True)
class Reply:
    """Where the answers to one person go."""

    web: AsyncWebClient
    user: str
    response_url: str = ""
    channel: str = ""
    """Where it was asked; empty: nowhere in particular."""
    fallback: str = ""
    """The channel that hears of what was asked for in private."""

    async def alone(self, text: str, blocks: Sequence[Block] = ()) -> None:
        """Only that person sees it: where they asked, else as a direct message."""
        try:
            if not await self._by_url(text, blocks):
                await self.web.chat_postMessage(channel=self.user, text=cut(text, _LONGEST), blocks=list(blocks))
        except NO_SLACK as error:
            log.warning("Slack did not take an answer to %s: %s", self.user, error)

    async def publicly(self, text: str) -> None:
        """Everyone in the channel sees it; where Evac may not speak, the person alone."""
        private = not self.channel or self.channel.startswith("D")
        channel = self.fallback or self.user if private else self.channel
        try:
            await self.web.chat_postMessage(channel=channel, text=cut(text, _LONGEST))
        except SlackApiError as error:
            if error.response["error"] not in _NOT_THERE:
                log.warning("Slack did not take an answer in %s: %s", channel, error)
            await self.alone(f"{text}\n(Only you see this: Evac may not speak in that channel; `/invite` it.)")
        except NO_SLACK as error:
            log.warning("Slack did not take an answer in %s: %s", channel, error)

    async def _by_url(self, text: str, blocks: Sequence[Block]) -> bool:
        """Whether it went by the address that came with what the person did (good for half an hour)."""
        if not self.response_url:
            return False
        hook = AsyncWebhookClient(self.response_url)
        shown = list(blocks) or None
        answer = await hook.send(
            text=cut(text, _LONGEST), blocks=shown, response_type="ephemeral", replace_original=False
        )
        return answer.status_code == _OK
