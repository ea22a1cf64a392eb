"""From a real alert to a recovered system: Prometheus, Alertmanager, the alert door, a person, and two regions."""

import asyncio
import os
import sys
import time
import uuid
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
from runbooks.runs import Decision, DecisionKind, Outcome, Phase, RunState, WatchInput, WatchState
from tests.e2e.prometheus import missing, monitoring, program
from tests.lab.started import free_port, until
from triggers import names
from triggers.start import decide, start_watch
from worker.settings import Settings

PARTS = ALL_PARTS - {"cache", "queue"}
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
async def serving(home: Path, settings: Settings, runbook: Path, port: int) -> AsyncIterator[None]:
    """`evac serve` with one endpoint for Alertmanager."""
    (home / "token").write_text(TOKEN)
    endpoint = f"{{source: alertmanager, name: prod, auth: {{bearer: 'file://{home}/token'}}}}"
    config = f"evac-serve: 1\nlisten: 127.0.0.1:{port}\nrunbooks: ['{runbook}']\nalerts: [{endpoint}]\n"
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


async def approved(client: Client, name: str) -> RunState:
    """The run that alerts have proposed waits, although the lab's policy asks nobody; a person says yes."""
    handle = client.get_workflow_handle(names.run_id_of(name))
    waiting: RunState = await seen(handle, RunState, lambda s: s.phase in (Phase.AWAITING_APPROVAL, Phase.ENDED))
    assert waiting.phase == Phase.AWAITING_APPROVAL, waiting.message
    yes = Decision(id=uuid.uuid4().hex, kind=DecisionKind.APPROVE, by="ann", at=time.time(), checksum=waiting.checksum)
    await decide(client, name, yes)
    return waiting


async def test_a_real_alert_leads_to_an_approved_recovery_without_lost_rows(tmp_path: Path) -> None:
    """The active region is killed under load; Prometheus sees it, Alertmanager tells, a person says yes."""
    settings, port = Settings(home=tmp_path / "evac"), free_port()
    async with AsyncExitStack() as stack:
        lab = await stack.enter_async_context(running(LabSpec(home=tmp_path / "lab", model=False, parts=PARTS)))
        runbook = tmp_path / "llm.yaml"
        runbook.write_text(lab.runbook.read_text() + TRIGGERS)
        read = load(runbook)
        client, _, monitored = await asyncio.gather(
            at_work(lab, settings, read),
            stack.enter_async_context(serving(tmp_path, settings, runbook, port)),
            stack.enter_async_context(monitoring(lab, tmp_path / "monitoring", port, TOKEN)),
        )
        clients = await stack.enter_async_context(Load(load_config(lab)))
        await until(lambda: monitored.sees(SOURCE, "1"))
        await asyncio.wait_for(clients.until_good(time.time()), 60)
        killed = await kill(lab, SOURCE)
        waiting = await approved(client, read.runbook.name)
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
    assert [kept.decision.by for kept in state.decisions if kept.refused is None] == ["ann"]
    assert [one.alert.labels["region"] for one in known.standing] == [SOURCE]
    assert known.decisions[-1].action == "started"
