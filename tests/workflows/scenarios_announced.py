"""A run that Slack shows, and one that it cannot show: its own history, and that of its announcement."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from runbooks.runs import DecisionKind, Phase
from tests.slack.fake import FakeSlack
from tests.workflows.conftest import Stage, say
from tests.workflows.scenarios import reached
from tests.workflows.world import runbook
from workflows.failover import Failover

Handle = WorkflowHandle[Any, Any]


async def played(stage: Stage, token: str) -> tuple[Handle, Handle]:
    """The run and its announcement, both at their ends."""
    async with FakeSlack() as slack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SLACK_BOT_TOKEN", token)
            settings = {"channel": "C0123", "token": "env://SLACK_BOT_TOKEN", "api": slack.api}
            policy = {"failover": {"approval": {"count": 1}}}
            book = runbook(policy=policy, notify=[{"uses": "notify.slack", "settings": settings}])
            run = await stage.start(runbook=book)
            state = await reached(run, Phase.AWAITING_APPROVAL)
            known = [slack.messages, lambda: any("tells nobody" in event.text for event in state.events)]
            while not any(told() for told in known):
                await asyncio.sleep(0.05)
                state = await run.query(Failover.state)
            await run.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=state.checksum))
            await run.result()
            announcement = stage.client.get_workflow_handle(f"evac/llm/announce/{run.first_execution_run_id}/1")
            await announcement.result()
    return run, announcement


def _scenario(token: str, which: int) -> Callable[[Stage], Awaitable[Handle]]:
    async def scenario(stage: Stage) -> Handle:
        return (await played(stage, token))[which]

    return scenario


ANNOUNCED_SCENARIOS = {
    "failover-shown": _scenario(FakeSlack.bot_token, 0),
    "failover-not-shown": _scenario("xoxb-revoked", 0),
    "announce-shown": _scenario(FakeSlack.bot_token, 1),
    "announce-not-shown": _scenario("xoxb-revoked", 1),
}
