"""The section `slack:`: the same server is Slack's door, beside the one for alerts."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.slack.fake import FakeSlack
from tests.triggers.alerts.conftest import Served, Site, serving, site
from tests.triggers.alerts.payloads import SAMPLES, Payload

__all__ = ["site"]

ALERTS = SAMPLES[0]


def section(slack: FakeSlack, folder: Path, mode: str) -> Payload:
    """How the workspace is reached by that mode."""
    tokens = {"bot_token": slack.bot_token, mode: getattr(slack, mode)}
    for name, value in tokens.items():
        (folder / name).write_text(value)
    return {"api": slack.api, **{name: f"file://{folder / name}" for name in tokens}}


async def health(served: Served, wanted: str) -> Any:
    """How the server is, as soon as it says that of Slack."""
    deadline = time.monotonic() + 30
    while True:
        said = (await served.http.get("/healthz")).json()
        if wanted in said["slack"]:
            return said
        assert time.monotonic() < deadline, json.dumps(said)
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("mode", ["app_token", "signing_secret"])
async def test_the_server_is_slacks_door_too(site: Site, mode: str) -> None:
    """By Socket Mode, and by HTTP at an address that takes signed requests only; the health says that it is open."""
    async with FakeSlack() as slack, AsyncExitStack() as stack:
        told = section(slack, site.home, mode)
        served = await serving(stack, site, [ALERTS.endpoint], slack=told)
        assert (await health(served, "ok"))["status"] == "ok"
        unsigned = await served.http.post("/slack/events", data={"command": "/evac"})
        assert unsigned.status_code == (401 if mode == "signing_secret" else 404)
        if mode == "app_token":
            assert (await slack.slash("U012", "help")).acked


async def test_alerts_are_taken_while_slack_is_away(site: Site) -> None:
    """A Slack that does not answer is told in the health, and hinders nothing else."""
    async with FakeSlack() as slack, AsyncExitStack() as stack:
        told = section(slack, site.home, "app_token")
        await slack.down()
        served = await serving(stack, site, [ALERTS.endpoint], slack=told)
        assert (await health(served, "shut"))["status"] == "degraded"
        assert (await served.post(ALERTS, ALERTS.firing)).status_code == 202
