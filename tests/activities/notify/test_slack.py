import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.slack.fake import FakeSlack


@pytest_asyncio.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeSlack]:
    """One workspace for one test."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", FakeSlack.bot_token)
    async with FakeSlack() as made:
        yield made


def say(slack: FakeSlack, **more: str) -> dict[str, Any]:
    """The settings of one sentence."""
    known = {"channel": "C0123", "token": "env://SLACK_BOT_TOKEN", "api": slack.api}
    return {**known, "text": "The drill passed <!here> & well", **more}


async def test_a_sentence_is_posted_once(slack: FakeSlack) -> None:
    """The second run of the same step finds it; it mentions nobody."""
    first, again = await perform("notify.slack", say(slack)), await perform("notify.slack", say(slack))
    other = await perform("notify.slack", say(slack), step="step-2")
    assert [result.changed for result in (first, again, other)] == [True, False, True]
    assert [said["text"] for said in slack.messages()] == ["book: The drill passed &lt;!here&gt; &amp; well"] * 2


async def test_two_at_once_may_both_post_and_a_third_finds_it(slack: FakeSlack) -> None:
    """Slack cannot be asked to post only once: the limit is known, and small."""
    results = await asyncio.gather(*(perform("notify.slack", say(slack)) for _ in range(2)))
    assert 1 <= sum(result.changed for result in results) == len(slack.messages()) <= 2
    assert not (await perform("notify.slack", say(slack))).changed


async def test_the_check_posts_nothing(slack: FakeSlack) -> None:
    """It says whether it could be done now."""
    good = await perform("notify.slack.check", say(slack))
    bad = await perform("notify.slack.check", say(slack, channel="C0999"))
    assert (good.proved, bad.proved, slack.messages()) == (True, False, [])
    assert "invite the app there" in bad.reason


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"token": "env://NOT_SET"}, ErrorType.BAD_SETTINGS),
        ({"channel": "general"}, ErrorType.BAD_SETTINGS),
        ({"api": "http://example.org/api/"}, ErrorType.BAD_SETTINGS),
    ],
)
async def test_what_waiting_cannot_heal_is_final(slack: FakeSlack, change: dict[str, str], kind: ErrorType) -> None:
    """A missing secret, a channel's name, a token sent in the clear, an unknown channel."""
    await refused("notify.slack", say(slack, **change), kind)


async def test_slack_down_is_unreachable(slack: FakeSlack) -> None:
    """It is tried again later."""
    await slack.down()
    await refused("notify.slack", say(slack), ErrorType.UNREACHABLE, within=10)
    await slack.up()
