"""A run as Slack shows it: real workflows and a real Temporal server, Slack's own client, a strict fake of Slack."""

import asyncio
import html
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.slack.ids import Asked
from runbooks.announcing import Announced
from runbooks.runs import DecisionKind, Outcome, Phase, RunState
from tests.slack.fake import FakeSlack
from tests.workflows.conftest import Stage, say, workers
from tests.workflows.scenarios import reached
from tests.workflows.world import World, runbook
from workflows.failover import Failover

Run = WorkflowHandle[Failover, RunState]


@pytest_asyncio.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeSlack]:
    """One workspace for one test."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", FakeSlack.bot_token)
    async with FakeSlack() as made:
        yield made


def notice(slack: FakeSlack, **more: str) -> dict[str, Any]:
    """The runbook's `notify`."""
    settings = {"channel": "C0123", "token": "env://SLACK_BOT_TOKEN", "api": slack.api, **more}
    return {"uses": "notify.slack", "settings": settings}


def asking(slack: FakeSlack, **more: Any) -> Any:
    """A runbook whose failover wants one approval, and which tells Slack and a file."""
    policy = {"failover": {"approval": {"count": 1, "timeout": "60s"}}}
    return runbook(policy=policy, notify=[notice(slack, **more), {"uses": "notify.log"}])


def shown(slack: FakeSlack, text: str) -> list[dict[str, Any]]:
    """The messages of the channel itself in which that stands."""
    return [said for said in slack.messages() if "thread_ts" not in said and text in said["text"]]


def announcement(client: Client, run: Run) -> WorkflowHandle[Any, Announced]:
    """What keeps the run's message."""
    name = f"evac/llm/announce/{run.first_execution_run_id}/1"
    return client.get_workflow_handle(name, result_type=Announced)


async def test_a_run_is_one_message_until_its_report(stage: Stage, slack: FakeSlack) -> None:
    """It is posted, asks with buttons that carry the plan, goes on, and ends with the record; no sentence besides."""
    run = await stage.start(runbook=asking(slack))
    (message,) = await slack.until(lambda: shown(slack, "AWAITING APPROVAL"))
    (asked,) = (b["elements"][0]["value"] for b in message["blocks"] if b["type"] == "actions")
    state = await run.query(Failover.state)
    assert Asked.model_validate_json(asked).checksum == state.checksum
    await run.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=state.checksum))
    ended = await run.result()
    told = await announcement(stage.client, run).result()
    assert told == Announced(place=f"C0123/{message['ts']}")
    (parent,) = shown(slack, "")
    assert f"RECOVERED. {ended.message}" in parent["text"]
    assert ended.record in str(parent["blocks"])
    report = slack.messages()[-1]
    assert (report["subtype"], report["thread_ts"]) == ("thread_broadcast", parent["ts"])
    assert ended.record in str(report["blocks"])
    assert {name for name, _ in slack.calls} <= {
        "chat.postMessage",
        "chat.update",
        "conversations.history",
        "conversations.replies",
    }
    assert [text.split(":")[0] for text in stage.world.told] == [
        "Plan " + state.checksum[:12] + " awaits 1 approval by anyone, for up to 1 min",
        "recovered",
    ]


async def test_slack_being_down_stops_nothing_and_is_caught_up(stage: Stage, slack: FakeSlack) -> None:
    """The run ends while nobody can be told; as soon as Slack is back, one message says how it ended."""
    await slack.down()
    run = await stage.start(runbook=runbook(notify=[notice(slack)]))
    ended = await run.result()
    assert ended.outcome is Outcome.RECOVERED
    await slack.up()
    await announcement(stage.client, run).result()
    assert len(shown(slack, "RECOVERED")) == len(shown(slack, "")) == 1


async def test_slacks_limit_is_waited_out(stage: Stage, slack: FakeSlack) -> None:
    """429 costs time and nothing else."""
    slack.limit(3, retry_after=1)
    run = await stage.start(runbook=runbook(notify=[notice(slack)]))
    await run.result()
    await announcement(stage.client, run).result()
    assert len(shown(slack, "RECOVERED")) == 1


async def test_a_revoked_token_ends_the_announcement_alone(
    stage: Stage, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run goes on, and its own story says that Slack tells nobody, and what to do."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-revoked")
    run = await stage.start(runbook=asking(slack))
    told = await announcement_result(stage, run)
    assert told.sentence == (
        "notify.slack tells nobody of this run: Slack refuses the token (invalid_auth): "
        "give the worker a valid bot token as env://SLACK_BOT_TOKEN."
    )
    state = await reached(run, Phase.AWAITING_APPROVAL)
    while told.sentence not in [event.text for event in state.events]:
        await asyncio.sleep(0.05)
        state = await run.query(Failover.state)
    await run.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=state.checksum))
    assert (await run.result()).outcome is Outcome.RECOVERED
    history = (await announcement(stage.client, run).fetch_history()).to_json()
    assert "xoxb" not in history


async def announcement_result(stage: Stage, run: Run) -> Announced:
    """What became of the announcement; it is begun a moment after the run."""
    await reached(run, Phase.AWAITING_APPROVAL)
    return await announcement(stage.client, run).result()


@asynccontextmanager
async def stopped(server: str, queue: str) -> AsyncIterator[None]:
    """Workers that are told to stop in the end."""
    client = await Client.connect(server, data_converter=pydantic_data_converter)
    async with AsyncExitStack() as stack:
        for worker in workers(client, queue, World()):
            await stack.enter_async_context(worker)
        yield


@asynccontextmanager
async def killed(server: str, queue: str) -> AsyncIterator[None]:
    """Workers that are killed in the end, wherever they are."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.workflows.working", server, queue)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("first", [stopped, killed])
async def test_another_worker_goes_on_with_the_same_message(
    server: str, slack: FakeSlack, first: Callable[[str, str], AbstractAsyncContextManager[None]]
) -> None:
    """One ends in the middle; the next finds the message, and repeats nothing in its thread."""
    client = await Client.connect(server, data_converter=pydantic_data_converter)
    queue = f"evac-{slack.address}"
    async with first(server, queue):
        run = await Stage(client, queue, World()).start(runbook=asking(slack))
        (message,) = await slack.until(lambda: shown(slack, "AWAITING APPROVAL"))
    async with stopped(server, queue):
        state = await reached(run, Phase.AWAITING_APPROVAL)
        await run.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=state.checksum))
        ended = await run.result()
        await announcement(client, run).result()
    (parent,) = shown(slack, "")
    assert parent["ts"] == message["ts"]
    assert "RECOVERED" in parent["text"]
    said = "; ".join(one["text"] for one in slack.messages() if one.get("thread_ts") and "subtype" not in one)
    assert html.unescape(said) == "; ".join(event.text for event in ended.events)


async def test_a_terminated_run_is_said_to_be_one(stage: Stage, slack: FakeSlack) -> None:
    """Whoever closes it in Temporal itself leaves a message that says so, without buttons."""
    run = await stage.start(runbook=asking(slack))
    await slack.until(lambda: shown(slack, "AWAITING APPROVAL"))
    await run.terminate()
    await announcement(stage.client, run).result()
    (parent,) = shown(slack, "")
    assert "Temporal closed this run from outside" in parent["text"]
    assert not any(block["type"] == "actions" for block in parent["blocks"])
