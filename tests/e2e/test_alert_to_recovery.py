"""From a real alert to a recovered system: Prometheus, Alertmanager, the alert door, a person, and two regions."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from lab.crew import muster
from lab.load import Load
from lab.manager import running
from lab.regions import kill
from lab.stores import losses
from lab.topology import ALL_PARTS, Lab, LabSpec
from lab.usage import load_config
from runbooks.alerts import AlertsState
from runbooks.load import LoadedRunbook, load
from runbooks.runs import Outcome, Phase, RunState, WatchInput, WatchState
from tests.e2e.prometheus import missing, monitoring, program
from tests.lab.started import free_port, until
from tests.slack.fake import FakeSlack
from tests.slack.state import Json
from triggers import names
from triggers.start import start_watch
from worker.settings import Settings

PARTS = ALL_PARTS - {"cache", "queue"}
PERSON = "U012"
SOURCE, TARGET = "us-east-1", "eu-west-1"
EVAC = str(Path(sys.executable).parent / "evac")
TOKEN = "a-token-that-only-alertmanager-has"
TRIGGERS = """
triggers:
  - {alert: alertmanager/prod, match: {alertname: RegionDown, severity: critical}, from: "{labels.region}"}
"""
pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(missing()), reason=f"not installed (Debian packages): {', '.join(missing())}"),
]


async def seen(handle: WorkflowHandle[Any, Any], kind: type[Any], enough: Callable[[Any], bool]) -> Any:
    """The state of a workflow, which need not be there yet, as soon as it is enough."""
    deadline, state = time.monotonic() + 60, None
    while time.monotonic() < deadline:
        try:
            state = await handle.query(names.STATE, result_type=kind)
        except RPCError:
            await asyncio.sleep(0.1)
            continue
        if enough(state):
            return state
        await asyncio.sleep(0.1)
    pytest.fail(f"it did not come so far: {state and [event.text for event in state.events]}")


@asynccontextmanager
async def serving(home: Path, settings: Settings, runbook: Path, port: int, api: str) -> AsyncIterator[None]:
    """`evac serve` with one endpoint for Alertmanager, and Slack."""
    (home / "token").write_text(TOKEN)
    endpoint = f"{{source: alertmanager, name: prod, auth: {{bearer: 'file://{home}/token'}}}}"
    tokens = f"bot_token: 'file://{home}/bot', app_token: 'file://{home}/app'"
    slack = f"slack: {{{tokens}, people: {{{PERSON}: ann}}, api: '{api}'}}\n"
    config = slack + f"evac-serve: 1\nlisten: 127.0.0.1:{port}\nrunbooks: ['{runbook}']\nalerts: [{endpoint}]\n"
    (home / "evac-serve.yaml").write_text(config)
    env = {**os.environ, "EVAC_HOME": str(settings.home)}
    with program([EVAC, "serve", "--config", str(home / "evac-serve.yaml")], home / "serve.log", env):
        await until(lambda: _listens(port), within=60)
        yield


async def _listens(port: int) -> bool:
    try:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def at_work(lab: Lab, settings: Settings, read: LoadedRunbook) -> Client:
    """Evac, with a detector that only reports: it remembers how far the standby was, and starts nothing."""
    client = await muster(lab, settings)
    await start_watch(client, settings, WatchInput(runbook=read.runbook, text=read.text, start_failover=False))
    watch = client.get_workflow_handle(names.watch_id_of(read.runbook.name))
    wanted = len(read.runbook.vantages()) * len(read.runbook.regions)
    await seen(watch, WatchState, lambda s: sum(verdict.state == "healthy" for verdict in s.verdicts) == wanted)
    return client


async def approved(slack: FakeSlack, client: Client, name: str) -> RunState:
    """What alerts have proposed waits, although the lab's policy asks nobody; a person presses the button in Slack."""
    handle = client.get_workflow_handle(names.run_id_of(name))
    waiting: RunState = await seen(handle, RunState, lambda s: s.phase in (Phase.AWAITING_APPROVAL, Phase.ENDED))
    assert waiting.phase == Phase.AWAITING_APPROVAL, waiting.message

    def asking() -> Json | None:
        return next((one for one in slack.messages() if "evac:approve" in str(one["blocks"])), None)

    assert (await slack.click(await slack.until(asking, 60), "evac:approve", PERSON)).acked
    return waiting


async def test_a_real_alert_leads_to_an_approved_recovery_without_lost_rows(tmp_path: Path) -> None:
    """The active region is killed under load; Prometheus sees it, Alertmanager tells, a person says yes in Slack."""
    settings, port = Settings(home=tmp_path / "evac"), free_port()
    async with AsyncExitStack() as stack:
        lab = await stack.enter_async_context(running(LabSpec(home=tmp_path / "lab", model=False, parts=PARTS)))
        runbook = tmp_path / "llm.yaml"
        slack = await stack.enter_async_context(FakeSlack())
        (tmp_path / "bot").write_text(slack.bot_token)
        (tmp_path / "app").write_text(slack.app_token)
        notice = f"{{channel: C0123, token: 'file://{tmp_path}/bot', api: '{slack.api}'}}"
        notify = f"  - {{uses: notify.slack, settings: {notice}}}\n"
        runbook.write_text(lab.runbook.read_text() + notify + TRIGGERS)
        read = load(runbook)
        client, _, monitored = await asyncio.gather(
            at_work(lab, settings, read),
            stack.enter_async_context(serving(tmp_path, settings, runbook, port, slack.api)),
            stack.enter_async_context(monitoring(lab, tmp_path / "monitoring", port, TOKEN)),
        )
        clients = await stack.enter_async_context(Load(load_config(lab)))
        await until(lambda: monitored.sees(SOURCE, "1"))
        await asyncio.wait_for(clients.until_good(time.time()), 60)
        killed = await kill(lab, SOURCE)
        waiting = await approved(slack, client, read.runbook.name)
        state = await client.get_workflow_handle(names.run_id_of(read.runbook.name), result_type=RunState).result()
        await asyncio.wait_for(clients.until_good(state.ended_at or time.time()), 60)
        lost = await losses(lab, clients.attempts, clients.config.client, killed.at)
        alerts = client.get_workflow_handle(names.alerts_id_of(read.runbook.name))
        known: AlertsState = await alerts.query(names.STATE, result_type=AlertsState)
    _judge(waiting, state, known)
    assert [(one.store, one.missing) for one in lost] == [(f"vector-db.{TARGET}", 0)]


def _judge(waiting: RunState, state: RunState, known: AlertsState) -> None:
    (asked,) = waiting.triggers
    assert (asked.kind, asked.by, asked.source) == ("alert", "alert:alertmanager/prod", SOURCE)
    assert "bearer token of alertmanager/prod" in asked.proof
    assert (state.outcome, state.target) == (Outcome.RECOVERED, TARGET)
    (yes,) = (kept.decision for kept in state.decisions if kept.refused is None)
    assert (yes.by, yes.proof) == ("ann", f"slack user {PERSON} of team T012")
    assert [one.alert.labels["region"] for one in known.standing] == [SOURCE]
    assert known.decisions[-1].action == "started"
