"""`notify.slack`: one sentence in a channel. A run's own live message is `activities/slack/live.py`."""

import time

from activities.acting import Act, View
from activities.clients.slack import Channel, channel
from activities.contract import Job
from activities.slack.blocks import Message, cut, foreign, section
from runbooks.notices import Sentence, SlackNotice

NOTICE = "evac_notice"
_LONGEST = 2900
_BACK = 86400.0
"""Seconds before the call in which the sentence may have been posted already."""


class SlackSettings(SlackNotice, Sentence):
    """Where, and what to say."""


class Posted(View):
    """The message, if it is there."""

    channel: str
    ts: str | None = None


class NotifySlack(Act[SlackSettings, Posted]):
    """Posts each run's step once. A second run finds it by its metadata; two at the same moment may both post.

    An app that may not read the channel (`channels:history`) cannot look, so a repetition is posted again.
    """

    uses = "notify.slack"
    permissions = (
        "Slack bot token with `chat:write`",
        "`channels:history` (private: `groups:history`), to find its own",
    )
    Settings = SlackSettings

    async def _observe(self, job: Job[SlackSettings]) -> Posted:
        ts = await (await self._channel(job)).find(_metadata(job), time.time() - _BACK)
        return Posted(channel=job.settings.channel, ts=ts)

    def _settled(self, job: Job[SlackSettings], seen: Posted) -> str | None:
        return f"It was posted in {job.settings.channel} before." if seen.ts else None

    async def _act(self, job: Job[SlackSettings], seen: Posted) -> str:
        del seen
        there = await self._channel(job)
        name = foreign(job.call.runbook)
        said = cut(foreign(job.settings.text), _LONGEST)
        message = Message(text=f"{name}: {said}", blocks=(section(f"*{name}*  {said}"),))
        await there.post(message, _metadata(job))
        return f"It was posted in {job.settings.channel}."

    async def _channel(self, job: Job[SlackSettings]) -> Channel:
        known = job.kept.get(Channel)
        if isinstance(known, Channel):
            return known
        opened = channel(job.settings, job.secrets, waits=True, within=job.allowed)
        job.kept[Channel] = made = await job.stack.enter_async_context(opened)
        return made


def _metadata(job: Job[SlackSettings]) -> dict[str, object]:
    return {"event_type": NOTICE, "event_payload": {"run": job.call.run, "step": job.call.step}}
