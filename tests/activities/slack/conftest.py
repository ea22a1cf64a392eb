"""A workspace, and the bot token by reference."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.slack.fake import FakeSlack


@pytest_asyncio.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeSlack]:
    """One workspace for one test."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", FakeSlack.bot_token)
    async with FakeSlack() as made:
        yield made
