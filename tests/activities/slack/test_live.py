"""The live message in a strict fake of Slack, by Slack's own client; time is the test's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from activities.clients.slack import GoneError, channel
from activities.errors import StepError
from activities.secrets import Secrets
from activities.slack.blocks import Message, header
from activities.slack.live import Bookmark, Live
from runbooks.notices import SlackNotice
from runbooks.plan import Refusal
from runbooks.runs import RunState
from runbooks.steps import ErrorType
from tests.activities.slack.moments import MOMENTS
from tests.slack.fake import FakeSlack
from tests.triggers import samples

NOW = samples.NOON + 45


@dataclass
class Clock:
    """Moves when it is told to."""

    at: float = 0.0
    marks: list[Bookmark] = field(default_factory=list)


@asynccontextmanager
async def live(slack: FakeSlack, clock: Clock, mark: Bookmark | None = None, **more: str) -> AsyncIterator[Live]:
    """One worker's view of the channel."""
    settings = SlackNotice.model_validate(
        {"channel": "C0123", "token": "env://SLACK_BOT_TOKEN", "api": slack.api, **more}
    )
    async with channel(settings, Secrets(), waits=False) as there:
        yield Live(there, "run-1", "evac/llm", clock.marks.append, mark or Bookmark(), clock=lambda: clock.at)


def parents(slack: FakeSlack) -> list[dict[str, Any]]:
    """What stands in the channel itself."""
    return [said for said in slack.messages() if "thread_ts" not in said]


def thread(slack: FakeSlack) -> list[tuple[bool, str]]:
    """What stands in threads; True: the whole channel sees it."""
    return [("subtype" in said, said["text"]) for said in slack.messages() if "thread_ts" in said]


def called(slack: FakeSlack, method: str) -> int:
    """How often."""
    return sum(name == method for name, _ in slack.calls)


async def test_one_message_lives_through_the_whole_run(slack: FakeSlack) -> None:
    """It is posted once and changed; the story and what is asked stand in its thread, the report at the end."""
    async with live(slack, Clock()) as shown:
        assert not await shown.show(MOMENTS["confirming"], NOW, closed=False)
        assert not await shown.show(MOMENTS["awaiting-approval"], NOW, closed=False)
        assert not await shown.show(MOMENTS["running"], NOW, closed=False)
        assert await shown.show(MOMENTS["recovered"], NOW, closed=True)
    (parent,) = parents(slack)
    assert "RECOVERED" in parent["text"]
    assert not any(block["type"] == "actions" for block in parent["blocks"])
    told = thread(slack)
    assert [aloud for aloud, _ in told] == [True, False, True]
    assert "AWAITING APPROVAL. Awaited: 1 more approval by sre-ai" in told[0][1]
    assert told[1][1] == "us-east-1 is down as seen from 2 vantage points; Plan awaits approval"
    assert "RECOVERED" in told[2][1]


async def test_what_is_the_same_is_not_sent_again(slack: FakeSlack) -> None:
    """Times are shown anew after 5 s, and ever more rarely while nothing happens."""
    clock = Clock()
    async with live(slack, clock) as shown:
        edits = []
        for second in range(601):
            clock.at = float(second)
            before = called(slack, "chat.update")
            await shown.show(MOMENTS["awaiting-approval"], NOW + second, closed=False)
            edits += [second] if called(slack, "chat.update") > before else []
    assert edits[:3] == [5, 10, 15]
    assert 25 <= edits[-1] - edits[-2] <= 60
    assert called(slack, "chat.postMessage") == 2  # the message, and the story until then


async def test_another_worker_finds_the_message_and_repeats_nothing(slack: FakeSlack) -> None:
    """Also when the last words of the one before were lost with it."""
    clock = Clock()
    async with live(slack, clock) as shown:
        await shown.show(MOMENTS["awaiting-approval"], NOW, closed=False)
        await shown.show(MOMENTS["awaiting-approval"], NOW, closed=False)
    for mark in (Bookmark(), Bookmark(parent=clock.marks[-1].parent)):
        async with live(slack, clock, mark) as again:
            await again.show(MOMENTS["awaiting-approval"], NOW, closed=False)
            await again.show(MOMENTS["awaiting-approval"], NOW, closed=False)
    async with live(slack, clock) as last:
        await last.show(MOMENTS["recovered"], NOW, closed=True)
    async with live(slack, clock) as afterwards:
        assert await afterwards.show(MOMENTS["recovered"], NOW, closed=True)
    assert len(parents(slack)) == 1
    assert [aloud for aloud, _ in thread(slack)] == [False, True]


async def test_a_deleted_message_is_posted_anew(slack: FakeSlack) -> None:
    """Somebody tidied up; the run still goes on."""
    async with live(slack, Clock()) as shown:
        await shown.show(MOMENTS["confirming"], NOW, closed=False)
        slack.said["C0123"].clear()
        await shown.show(MOMENTS["running"], NOW, closed=False)
        assert ["RUNNING" in said["text"] for said in parents(slack)] == [True]
        slack.said["C0123"].clear()
        ended = MOMENTS["running"].model_copy(update={"events": samples.events("a", "b", "c")})
        shown._shown = ended  # nothing to edit: the next thing is an answer in a thread that is gone
        await shown.show(ended, NOW, closed=False)
        with pytest.raises(GoneError):
            await shown.show(ended, NOW, closed=False)
        await shown.show(ended, NOW, closed=False)
    assert [text for _, text in thread(slack)] == ["a; b; c"]


async def test_what_slack_asks_to_wait_is_said(slack: FakeSlack) -> None:
    """A limit is no end."""
    slack.limit(1, retry_after=7)
    async with live(slack, Clock()) as shown:
        with pytest.raises(StepError) as caught:
            await shown.show(MOMENTS["running"], NOW, closed=False)
        assert (caught.value.kind, caught.value.evidence["retry_after"]) == (ErrorType.BUSY, 7.0)
        await shown.show(MOMENTS["running"], NOW, closed=False)
    assert len(parents(slack)) == 1


async def test_while_slack_is_down_nothing_is_lost(slack: FakeSlack) -> None:
    """What happened meanwhile is caught up from the state."""
    async with live(slack, Clock()) as shown:
        await shown.show(MOMENTS["confirming"], NOW, closed=False)
        await slack.down()
        with pytest.raises(StepError) as caught:
            await shown.show(MOMENTS["awaiting-approval"], NOW, closed=False)
        assert caught.value.final is False
        await slack.up()
        await shown.show(MOMENTS["running"], NOW, closed=False)
        await shown.show(MOMENTS["running"], NOW, closed=False)
    assert len(parents(slack)) == 1
    assert len(thread(slack)) == 1


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"token": "env://OTHER_TOKEN"}, ErrorType.DENIED, "valid bot token as env://OTHER_TOKEN"),
        ({"channel": "C0999"}, ErrorType.NOT_FOUND, "invite the app there"),
        ({"channel": "C0000"}, ErrorType.NOT_FOUND, "correct the channel"),
    ],
)
async def test_what_waiting_cannot_heal_is_said_with_what_to_do(
    slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], kind: ErrorType, words: str
) -> None:
    """A wrong token, and a channel that is not there or that the app is not in."""
    monkeypatch.setenv("OTHER_TOKEN", "xoxb-revoked")
    async with live(slack, Clock(), Bookmark(), **change) as shown:
        with pytest.raises(StepError, match=words) as caught:
            await shown.show(MOMENTS["running"], NOW, closed=False)
    assert (caught.value.kind, caught.value.final) == (kind, True)
    assert "xoxb" not in caught.value.sentence


async def test_an_app_that_may_not_read_still_tells(slack: FakeSlack) -> None:
    """Without `channels:history` only the search after a loss is missing."""
    slack.scopes = frozenset({"chat:write"})
    async with live(slack, Clock()) as shown:
        await shown.show(MOMENTS["running"], NOW, closed=False)
    assert len(parents(slack)) == 1


def _long() -> RunState:
    return samples.run(events=samples.events(*(f"event {n} & more" for n in range(100))))


async def test_a_long_story_comes_in_a_few_answers(slack: FakeSlack) -> None:
    """After an outage a hundred events are told in order, and none twice."""
    async with live(slack, Clock()) as shown:
        await shown.show(_long(), NOW, closed=False)
        await shown.show(_long(), NOW, closed=False)
    said = "; ".join(text for _, text in thread(slack))
    assert said.replace("&amp;", "&") == "; ".join(f"event {n} & more" for n in range(100))
    assert len(thread(slack)) == 3


async def test_an_event_is_told_when_its_place_is_sure(slack: FakeSlack) -> None:
    """What a query saw of the run before the run itself took it in may stand elsewhere a moment later."""
    async with live(slack, Clock()) as shown:
        for told in (("a", "c"), ("a", "b", "c"), ("a", "b", "c", "d"), ("a", "b", "c", "d")):
            state = samples.run(events=samples.events(*told), phase="running")
            await shown.show(state, NOW, closed=False)
    assert [text for _, text in thread(slack)] == ["a", "b; c", "d"]


async def test_a_plan_that_refuses_itself_again_asks_once(slack: FakeSlack) -> None:
    """It is made anew every few seconds with other numbers; the channel is rung for another reason only."""

    def refusing(*names: str, seconds: float) -> RunState:
        refusals = tuple(Refusal(name=name, sentence=f"vector-db is {seconds} s behind") for name in names)
        made = samples.plan(refusals=refusals, rpo=seconds)
        return samples.run(phase="planning", plan=made)

    async with live(slack, Clock()) as shown:
        await shown.show(MOMENTS["confirming"], NOW, closed=False)
        for seconds in range(5):
            await shown.show(refusing("loss:vector-db", seconds=seconds), NOW, closed=False)
        await shown.show(refusing("loss:vector-db", "unproved-fence:vector-db", seconds=6), NOW, closed=False)
    assert [aloud for aloud, _ in thread(slack) if aloud] == [True, True]


async def test_what_slack_does_not_draw_it_takes_as_text(slack: FakeSlack) -> None:
    """A limit that is not known here costs the form, and never the message."""
    settings = SlackNotice(channel="C0123", token="env://SLACK_BOT_TOKEN", api=slack.api)
    metadata = {"event_type": "test", "event_payload": {}}
    strange = Message(text="it stands alone", blocks=({"type": "carousel"},))
    async with channel(settings, Secrets(), waits=False) as there:
        ts = await there.post(Message(text="x", blocks=(header("x"),)), metadata)
        await there.change(ts, strange)
        await there.post(strange, metadata)
    assert [(said["text"], said["blocks"]) for said in slack.messages()] == [("it stands alone", [])] * 2
