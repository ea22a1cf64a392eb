"""From a real alert to a recovered system: Prometheus, Alertmanager, the alert door, a person, and two regions."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client

from lab.load import Load
from lab.manager import running
from lab.regions import kill
from lab.stores import losses
from lab.topology import ALL_PARTS, LabSpec
from lab.usage import load_config
from runbooks.alerts import AlertsState
from runbooks.load import load
from runbooks.runs import Outcome, Phase, RunState
from tests.e2e.prometheus import missing, monitoring
from tests.e2e.staging import at_work, seen, served
from tests.lab.started import free_port, until
from tests.slack.fake import FakeSlack
from tests.slack.state import Json
from triggers import names
from worker.settings import Settings

PARTS = ALL_PARTS - {"cache", "queue"}
PERSON = "U012"
SOURCE, TARGET = "us-east-1", "eu-west-1"
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


@asynccontextmanager
async def serving(home: Path, settings: Settings, runbook: Path, port: int, api: str) -> AsyncIterator[None]:
    """`evac serve` with one endpoint for Alertmanager, and Slack."""
    (home / "token").write_text(TOKEN)
    endpoint = f"{{source: alertmanager, name: prod, auth: {{bearer: 'file://{home}/token'}}}}"
    tokens = f"bot_token: 'file://{home}/bot', app_token: 'file://{home}/app'"
    slack = f"slack: {{{tokens}, people: {{{PERSON}: ann}}, api: '{api}'}}\n"
    config = slack + f"evac-serve: 1\nlisten: 127.0.0.1:{port}\nrunbooks: ['{runbook}']\nalerts: [{endpoint}]\n"
    async with served(home, settings, config, port):
        yield


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
