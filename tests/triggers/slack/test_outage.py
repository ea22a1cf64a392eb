"""What is not there: Temporal, Slack, or Slack's signature."""

import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from tests.slack.delivery import body_of, signed
from tests.slack.fake import FakeSlack
from tests.triggers.slack.conftest import ANN, ASK, BEN, Chat
from tests.triggers.slack.line import line
from triggers.names import run_id_of

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("frozen", [True, False], ids=["frozen", "gone"])
async def test_without_temporal_it_is_acknowledged_at_once_and_the_command_line_is_named(
    shut: Chat, *, frozen: bool
) -> None:
    """Slack hears within its three seconds, and the person hears what to do instead."""
    shut.door.file(policy=ASK)
    shut.slack.ack_within = 1.0
    async with line(shut.door.address) as way:
        client = await Client.connect(way.address, data_converter=pydantic_data_converter)
        async with shut.open(client):
            await shut.slack.sockets.connected()
            await shut.says(ANN, "status")
            (way.freeze if frozen else way.cut)()
            said = [await shut.slack.slash(who, text) for who, text in ((ANN, "status"), (BEN, "hold we look first"))]
            assert [(one.acked, one.brought) for one in said] == [(True, 1), (True, 1)]
            await shut.slack.open_home(ANN)
            assert "`evac status " in await shut.answer(ANN, 1)
            assert await shut.answer(BEN, 0) == (
                "Temporal does not answer, so this may not have been heard. Where it can be reached: "
                f"`evac hold {shut.door.name} --reason 'we look first'`"
            )
            page = await shut.slack.until(lambda: shut.slack.home(ANN))
            assert "Temporal does not answer" in str(page["blocks"])


async def test_slack_that_goes_away_and_comes_back_is_heard_again(chat: Chat) -> None:
    """The door connects anew by itself, also when Slack asks it to."""
    await chat.slack.down()
    await chat.slack.up()
    await chat.slack.sockets.connected()
    assert await chat.says(ANN, "status") == f"No run of {chat.door.name} is known."
    await chat.slack.refresh()
    await chat.slack.sockets.connected()
    assert await chat.says(ANN, "status") == f"No run of {chat.door.name} is known."


async def test_a_limit_of_slack_is_waited_for(chat: Chat) -> None:
    """The form opens after the time that Slack names."""
    chat.slack.limit(1, retry_after=0)
    assert (await chat.form(ANN, "drill"))["title"]["text"] == "Drill"


async def test_a_form_that_slack_no_longer_opens_is_asked_for_again(chat: Chat) -> None:
    """The trigger has died meanwhile."""
    chat.slack.trigger_lives = 0.0
    assert await chat.says(ANN, "drill") == "Slack did not open the form in time; say it once more."


@pytest_asyncio.fixture
async def http(shut: Chat) -> AsyncIterator[httpx.AsyncClient]:
    """The door over HTTP."""
    shut.door.file(policy=ASK)
    async with shut.open(app_token=None) as opened:
        transport = httpx.ASGITransport(Starlette(routes=list(opened.routes)))
        async with httpx.AsyncClient(transport=transport, base_url="http://evac") as client:
            yield client


def slash(slack: FakeSlack, text: str) -> bytes:
    """The body of a command."""
    payload = {"user_id": ANN, "team_id": "T012", "channel_id": "C0123", "command": "/evac", "text": text}
    more = {"trigger_id": slack.give(ANN), "response_url": slack._response_url(ANN, "C0123")}
    return body_of("slash_commands", payload | more)[0]


async def test_over_http_what_slack_signed_is_heard(shut: Chat, http: httpx.AsyncClient) -> None:
    """And answered like any other; Slack's own question of who is there, too."""
    body = slash(shut.slack, "status")
    answer = await http.post("/slack/events", content=body, headers=FORM | signed(shut.slack.signing_secret, body))
    assert answer.status_code == 200
    assert await shut.answer(ANN, 0) == f"No run of {shut.door.name} is known."
    asked = b'{"type": "url_verification", "challenge": "abc"}'
    headers = {"Content-Type": "application/json"} | signed(shut.slack.signing_secret, asked)
    assert "abc" in (await http.post("/slack/events", content=asked, headers=headers)).text


async def test_over_http_a_forged_or_old_delivery_is_refused(shut: Chat, http: httpx.AsyncClient) -> None:
    """Wrong secret, other body, a time long ago, none at all, too much, and no text: nothing is done."""
    secret, body = shut.slack.signing_secret, slash(shut.slack, "status")
    forged = [signed("other", body), signed(secret, body + b"x"), signed(secret, body, time.time() - 400), {}]
    answers = [await http.post("/slack/events", content=body, headers=FORM | one) for one in forged]
    assert [answer.status_code for answer in answers] == [401] * 4
    large = b"x" * 1_000_001
    assert (await http.post("/slack/events", content=large, headers=signed(secret, large))).status_code == 413
    strange = b"\xff\xfe"
    assert (await http.post("/slack/events", content=strange, headers=signed(secret, strange))).status_code == 400
    assert shut.slack.ephemerals(ANN) == []
    assert run_id_of(shut.door.name) == f"evac/{shut.door.name}"
