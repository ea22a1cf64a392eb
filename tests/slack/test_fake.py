"""The fake Slack is as strict as the real one: it is asked by Slack's own client."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.delivery import signed
from tests.slack.fake import FakeSlack
from tests.slack.state import CannotDoError

BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}, "value": "one"}
ACTIONS = {"type": "actions", "elements": [BUTTON]}
WORDS = {"type": "plain_text_input", "action_id": "why"}
REASON = {"type": "input", "block_id": "reason", "label": {"type": "plain_text", "text": "Why"}, "element": WORDS}


def modal(*blocks: Any, title: str = "Go?") -> dict[str, Any]:
    """A modal that asks."""
    texts = {key: {"type": "plain_text", "text": text} for key, text in (("title", title), ("submit", "Go"))}
    return {"type": "modal", "blocks": list(blocks), **texts}


def section(text: str) -> dict[str, Any]:
    """A paragraph."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def taken(ack: Any) -> None:
    """Say that it came."""
    await ack()


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A workspace."""
    async with FakeSlack(ack_within=1.0) as made:
        yield made


@pytest_asyncio.fixture
async def client(slack: FakeSlack) -> AsyncWebClient:
    """Slack's own client, with the app's token."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api)


@pytest_asyncio.fixture
async def app(slack: FakeSlack, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """An app that is connected by Socket Mode; what it does is up to the test."""
    made = AsyncApp(client=client)
    handler = AsyncSocketModeHandler(made, slack.app_token, ping_interval=0.5)
    await handler.connect_async()
    await slack.sockets.connected()
    yield made
    await handler.close_async()


async def error_of(call: Any) -> str:
    """What Slack says is wrong."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_message_is_found_again_by_its_metadata_only_by_who_asks_for_it(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    """Post, find, change; replies are in the thread and not in the channel's history."""
    metadata = {"event_type": "evac_run", "event_payload": {"run": "1"}}
    posted = await client.chat_postMessage(channel="C0123", text="begun", blocks=[ACTIONS], metadata=metadata)
    await client.chat_postMessage(channel="C0123", text="a detail", thread_ts=posted["ts"])
    (found,) = (await client.conversations_history(channel="C0123", include_all_metadata=True))["messages"]
    assert found["metadata"] == metadata
    (plain,) = (await client.conversations_history(channel="C0123"))["messages"]
    assert "metadata" not in plain
    await client.chat_update(channel="C0123", ts=posted["ts"], text="done")
    thread = (await client.conversations_replies(channel="C0123", ts=posted["ts"]))["messages"]
    assert [one["text"] for one in thread] == ["done", "a detail"]
    assert [one["text"] for one in slack.messages("C0123")] == ["done", "a detail"]
    assert slack.messages("C0123")[0]["metadata"] == metadata


async def test_history_comes_in_pages_newest_first(client: AsyncWebClient) -> None:
    """With a cursor, as long as there is more."""
    for text in "abc":
        await client.chat_postMessage(channel="C0123", text=text)
    first = await client.conversations_history(channel="C0123", limit=2)
    assert [one["text"] for one in first["messages"]] == ["c", "b"]
    rest = await client.conversations_history(
        channel="C0123", limit=2, cursor=first["response_metadata"]["next_cursor"]
    )
    assert ([one["text"] for one in rest["messages"]], rest["has_more"]) == (["a"], False)


async def test_what_slack_refuses_is_refused_by_its_name(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Wrong token, channel, message, size, person, method, argument."""
    stranger = AsyncWebClient(token="xoxb-other", base_url=slack.api)
    post, update = client.chat_postMessage, client.chat_update
    assert await error_of(stranger.auth_test()) == "invalid_auth"
    assert await error_of(client.apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"
    assert await error_of(post(channel="C0000", text="x")) == "channel_not_found"
    assert await error_of(post(channel="C0999", text="x")) == "not_in_channel"
    assert await error_of(post(channel="C0123", text="x" * 40_001)) == "msg_too_long"
    posted = await post(channel="C0123", text="x")
    assert await error_of(update(channel="C0123", ts=posted["ts"], text="x" * 4001)) == "msg_too_long"
    assert await error_of(update(channel="C0123", ts="1.2", text="x")) == "message_not_found"
    assert await error_of(client.chat_postEphemeral(channel="C0123", user="U999", text="x")) == "user_not_in_channel"
    assert await error_of(client.usergroups_users_list(usergroup="S9")) == "no_such_subteam"
    assert await error_of(client.users_info(user="U999")) == "user_not_found"
    assert await error_of(client.reactions_add(channel="C0123", name="x", timestamp="1")) == "unknown_method"
    assert await error_of(post(channel="C0123", text="x", icon_emoji=":x:")) == "invalid_arguments"
    slack.scopes = frozenset({"commands"})
    assert await error_of(post(channel="C0123", text="x")) == "missing_scope"


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (section("x" * 3001), "at most 3000"),
        (section(""), "at least 1"),
        ({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}, "at most 150"),
        ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "plain_text"),
        ({"type": "actions", "elements": [BUTTON, BUTTON]}, "action_id go is there twice"),
        ({"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}, "at most 2000"),
        ({"type": "actions", "elements": [{**BUTTON, "style": "green"}]}, "'primary' or 'danger'"),
        ({"type": "carousel"}, "carousel"),
        ({**ACTIONS, "colour": "red"}, "Extra inputs"),
    ],
)
async def test_blocks_that_slack_would_not_draw_are_refused_with_the_reason(
    client: AsyncWebClient, block: dict[str, Any], why: str
) -> None:
    """Block Kit's limits are checked, and what is unknown is refused."""
    with pytest.raises(SlackApiError, match=r"invalid_blocks") as caught:
        await client.chat_postMessage(channel="C0123", text="x", blocks=[block])
    assert why in caught.value.response["errors"][0]
    assert await error_of(client.chat_postMessage(channel="C0123", text="x", blocks=[ACTIONS] * 51)) == "invalid_blocks"


async def test_a_limit_is_429_with_the_time_to_wait(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Slack's own handler waits, and then succeeds."""
    slack.limit(1, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert (caught.value.response["error"], caught.value.response.headers["Retry-After"]) == ("ratelimited", "7")
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.limit(1, retry_after=0)
    assert (await client.auth_test())["ok"]


async def test_a_trigger_opens_one_modal_within_its_time(
    slack: FakeSlack, client: AsyncWebClient, app: AsyncApp
) -> None:
    """Once, for a short time; the modal that is open can be changed, also against a lost race."""
    app.command("/evac")(taken)
    first = (await slack.slash("U012", "x")).trigger_id
    slack.trigger_lives = 0.0
    second = (await slack.slash("U012", "x")).trigger_id
    assert await error_of(client.views_open(trigger_id="1.2", view=modal(REASON))) == "invalid_trigger_id"
    assert (
        await error_of(client.views_open(trigger_id=first, view=modal(REASON, title="x" * 25))) == "invalid_arguments"
    )
    opened = (await client.views_open(trigger_id=first, view=modal(section("loading"))))["view"]
    assert await error_of(client.views_open(trigger_id=first, view=modal(REASON))) == "exchanged_trigger_id"
    assert await error_of(client.views_open(trigger_id=second, view=modal(REASON))) == "expired_trigger_id"
    updated = (await client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(REASON)))["view"]
    assert updated["hash"] != opened["hash"]
    again = client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(REASON))
    assert await error_of(again) == "hash_conflict"
    await slack.close(slack.views[opened["id"]])
    assert await error_of(client.views_update(view_id=opened["id"], view=modal(REASON))) == "not_found"


async def test_a_person_presses_only_what_is_shown(slack: FakeSlack, client: AsyncWebClient, app: AsyncApp) -> None:
    """The app is told which button, by whom, and may answer that person alone."""
    heard = []

    @app.action("go")
    async def _go(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        heard.append((body["user"]["id"], body["actions"][0]["value"]))
        await respond(text="you alone", replace_original=False)

    await client.chat_postMessage(channel="C0123", text="x", blocks=[ACTIONS])
    (message,) = slack.messages()
    assert (await slack.click(message, "go", "U034")).acked
    await slack.until(lambda: slack.ephemerals("U034"))
    assert (heard, slack.ephemerals("U034")[0]["text"]) == ([("U034", "one")], "you alone")
    with pytest.raises(CannotDoError, match="there is go"):
        await slack.click(message, "stop", "U034")


async def test_a_modal_is_filled_in_as_its_client_lets_it(
    slack: FakeSlack, client: AsyncWebClient, app: AsyncApp
) -> None:
    """What is asked for must be given; errors of the app stand beside the field, and the modal stays."""
    app.command("/evac")(taken)

    @app.view("")
    async def _sent(ack: Any, view: Any) -> None:
        why = view["state"]["values"]["reason"]["why"]["value"]
        if why == "bad":
            await ack(response_action="errors", errors={"reason": "not good enough"})
        else:
            await ack()

    trigger = (await slack.slash("U012", "x")).trigger_id
    await client.views_open(trigger_id=trigger, view=modal(REASON))
    open_ = slack.modal("U012")
    assert open_ is not None
    with pytest.raises(CannotDoError, match="'Why' must be filled in"):
        await slack.submit(open_)
    with pytest.raises(CannotDoError, match="nothing called colour"):
        await slack.submit(open_, {"colour": "red"})
    await slack.submit(open_, {"reason": "bad"})
    assert open_["errors"] == {"reason": "not good enough"}
    await slack.submit(open_, {"why": "good"})
    assert slack.modal("U012") is None


async def test_what_is_not_acked_in_time_comes_again(slack: FakeSlack, app: AsyncApp) -> None:
    """With its number; and once more when the test says that the ack was lost."""
    slack.ack_within = 1.0
    tries: list[int] = []
    second = asyncio.Event()

    @app.command("/evac")
    async def _slow(ack: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            await second.wait()
        second.set()
        await ack("taken")

    delivery = await slack.slash("U012", "x")
    assert (delivery.acked, delivery.brought) == (True, 2)
    async with asyncio.timeout(10):
        while len(delivery.acks) < 2:  # the first one's, late, is not to be taken for the third's
            await asyncio.sleep(0.01)
    assert await slack.again(delivery)
    assert len(tries) == 3
    assert {one["text"] for one in slack.ephemerals("U012")} == {"taken"}
    assert slack.sockets.strange == []


async def test_home_is_published_to_one_person(slack: FakeSlack, client: AsyncWebClient, app: AsyncApp) -> None:
    """When they open it."""

    @app.event("app_home_opened")
    async def _opened(event: Any) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("hello")]})

    assert (await slack.open_home("U012")).acked
    home = await slack.until(lambda: slack.home("U012"))
    assert home["blocks"][0]["text"]["text"] == "hello"
    assert await error_of(client.views_publish(user_id="U012", view=modal(REASON))) == "invalid_arguments"


async def test_down_is_down_and_up_is_at_the_same_address(
    slack: FakeSlack, client: AsyncWebClient, app: AsyncApp
) -> None:
    """The app's connection ends, and it comes back by itself; so it does when it is asked to connect anew."""
    app.command("/evac")(taken)
    await slack.down()
    with pytest.raises(aiohttp.ClientError):
        await client.auth_test()
    assert not (await slack.slash("U012", "x")).acked
    await slack.up()
    await slack.sockets.connected()
    assert (await slack.slash("U012", "x")).acked
    await slack.refresh()
    await slack.sockets.connected()
    assert (await slack.slash("U012", "x")).acked


async def test_the_socket_wants_a_ticket_of_its_own(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Each is good once."""
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


def test_a_signature_is_as_slack_documents_it() -> None:
    """The example of Slack's own documentation."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    wanted = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signed("8f742231b10e8888abcd99yyyzzz85a5", body, 1531420618)["X-Slack-Signature"] == wanted
    assert abs(int(signed("x", b"")["X-Slack-Request-Timestamp"]) - time.time()) < 5
