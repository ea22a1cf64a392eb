"""The active region is cut off while its own clients still write there: Evac fences it or waits, never two writers."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from activities.clients.nats import connected
from activities.clients.nats_messages import messages
from activities.clients.nats_stream import read_stream
from activities.secrets import Secrets
from lab.crew import arm, muster
from lab.manager import running
from lab.partition import partition, reconnect
from lab.regions import heal
from lab.topology import ALL_PARTS, Lab, LabSpec
from runbooks.kinds import NatsSettings
from runbooks.load import load
from runbooks.models import Procedure
from runbooks.runs import Decision, DecisionKind, Outcome, RunInput, RunState, Status, Trigger
from tests.activities.calls import queue
from tests.lab.inside import INSIDE, Inside
from tests.lab.machine import ask
from tests.lab.started import until
from triggers import names
from triggers.start import decide, start_run, stop_watch
from worker.settings import Settings

SOURCE, TARGET = "us-east-1", "eu-west-1"
STORES = ("vector-db", "cache", "queue")
PATIENCE = 60.0
pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]


@asynccontextmanager
async def scene(home: Path) -> AsyncIterator[tuple[Lab, Client, Inside]]:
    """A whole asynchronous lab with Evac at work and its detector armed, and clients inside the active region."""
    settings = Settings(home=home / "evac")
    spec = LabSpec(home=home / "lab", parts=ALL_PARTS, mode="asynchronous", model=False)
    async with running(spec) as lab:
        client = await muster(lab, settings)
        await arm(client, settings, lab)
        async with Inside(lab, SOURCE).at_work() as inside:
            while not (inside.rows and inside.messages):
                await asyncio.sleep(0.02)
            yield lab, client, inside


async def seen(client: Client, lab: Lab, enough: Callable[[RunState], bool]) -> RunState:
    """The run's state as soon as it is enough; a run that is not there yet is waited for."""
    handle: WorkflowHandle[object, RunState] = client.get_workflow_handle(names.run_id_of(lab.runbook_name))
    deadline, state = time.monotonic() + PATIENCE, None
    while time.monotonic() < deadline:
        try:
            state = await handle.query(names.STATE, result_type=RunState)
        except RPCError:
            await asyncio.sleep(0.1)
            continue
        if enough(state):
            return state
        await asyncio.sleep(0.1)
    told = "" if state is None else "\n".join(event.text for event in state.events)
    pytest.fail(f"it did not come so far: {told}")


async def ended(client: Client, lab: Lab) -> RunState:
    """The run's state when it has ended and is recorded: only then another one can begin."""
    state = await seen(client, lab, lambda state: state.outcome is not None)
    handle = client.get_workflow_handle(names.run_id_of(lab.runbook_name), run_id=state.run, result_type=RunState)
    return await asyncio.wait_for(handle.result(), PATIENCE)


async def say(client: Client, lab: Lab, kind: DecisionKind, state: RunState, step: str = "") -> None:
    """A decision of a person's."""
    said = Decision(id=uuid.uuid4().hex, kind=kind, by="tester", at=time.time(), checksum=state.checksum, step=step)
    await decide(client, lab.runbook_name, said)


def waiting(state: RunState) -> dict[str, str]:
    """The steps that wait for a person, and why."""
    return {step.id: step.error or "" for step in state.steps if step.status is Status.WAITING}


def fences_wait(state: RunState) -> bool:
    """Every store's fence waits for a person."""
    return set(waiting(state)) == {f"fence.{store}.{SOURCE}" for store in STORES}


def promoted_at(state: RunState) -> tuple[float, float]:
    """When the promotions of the database and of the queue began."""
    begun = {step.id: step.started_at or 0.0 for step in state.steps}
    return begun[f"promote.vector-db.{TARGET}"], begun[f"promote.queue.{TARGET}"]


async def standby_as_it_was(lab: Lab) -> bool:
    """Nothing was promoted."""
    return await ask(lab, TARGET, "SELECT pg_is_in_recovery()") == [(True,)]


async def test_a_region_that_its_power_controller_reaches_is_fenced_and_replaced(tmp_path: Path) -> None:
    """The power is the proof; nobody inside is answered after the promotion, and nothing of theirs is lost unseen."""
    async with scene(tmp_path) as (lab, client, inside):
        cut_at = time.time()
        await partition(lab, SOURCE)
        state = await ended(client, lab)
        assert (state.outcome, state.target) == (Outcome.RECOVERED, TARGET)
        assert all(inside.acknowledged(cut_at, cut_at))
        await stop_watch(client, lab.runbook_name)
        await reconnect(lab, SOURCE)
        told = await heal(lab, SOURCE)
        assert sum("switched off by the power controller" in sentence for sentence in told) == len(STORES)
        assert inside.acknowledged(*promoted_at(state)) == (0, 0)

        orphans = ("orphans:queue", "orphans:vector-db")
        home = await by_hand(client, lab, tmp_path, procedure=Procedure.FAILBACK, source=TARGET, accept=orphans)
        state = await ended(client, lab)
        assert state.run == home
        assert state.outcome is Outcome.COMPLETED
        await inside.rest()
        files = tmp_path / "evac" / "orphans" / home
        assert set(inside.messages) <= numbers(files / "queue.jsonl") | await messages_in(lab, SOURCE)
        assert set(inside.rows) <= numbers(files / "vector-db.jsonl") | await rows_in(lab, SOURCE)
        await until(lambda: same(lab))


async def test_a_region_that_nobody_reaches_is_not_replaced_until_it_can_be_fenced(tmp_path: Path) -> None:
    """The run waits for a person, by name; aborted it has changed nothing; once joined again, a retry succeeds."""
    async with scene(tmp_path) as (lab, client, inside):
        await partition(lab, SOURCE, power=False)
        state = await seen(client, lab, fences_wait)
        for store in STORES:
            assert f"accept unproved-fence:{store}" in " ".join(event.text for event in state.events)
        assert all("may still take writes" in why for why in waiting(state).values())
        assert await standby_as_it_was(lab)
        await say(client, lab, DecisionKind.ABORT, state)
        state = await ended(client, lab)
        assert state.outcome is Outcome.ABORTED
        assert await standby_as_it_was(lab)
        ended_at = state.ended_at or 0.0
        assert all(inside.acknowledged(ended_at, ended_at))
        await stop_watch(client, lab.runbook_name)

        losses = tuple(f"loss:{store}" for store in STORES)  # what is written inside meanwhile, a person lets go
        second = await by_hand(client, lab, tmp_path, source=SOURCE, accept=losses)
        state = await seen(client, lab, lambda state: state.run == second and fences_wait(state))
        await reconnect(lab, SOURCE)
        for step in waiting(state):
            await say(client, lab, DecisionKind.RETRY, state, step)
        state = await ended(client, lab)
        assert state.outcome is Outcome.RECOVERED
        assert inside.acknowledged(*promoted_at(state)) == (0, 0)


async def same(lab: Lab) -> bool:
    """Both regions hold the same, of what the clients inside have written."""
    messages_same = await messages_in(lab, SOURCE) == await messages_in(lab, TARGET)
    return messages_same and await rows_in(lab, SOURCE) == await rows_in(lab, TARGET)


async def by_hand(client: Client, lab: Lab, home: Path, **asked: object) -> str:
    """A person starts a run; its id."""
    read = load(lab.runbook)
    trigger = Trigger(id=uuid.uuid4().hex, kind="person", by="tester", reason="a test", at=time.time())
    request = RunInput.model_validate(
        {"runbook": read.runbook, "text": read.text, "force": True, "trigger": trigger, **asked}
    )
    return (await start_run(client, Settings(home=home / "evac"), request)).handle.result_run_id or ""


def numbers(file: Path) -> set[int]:
    """The numbers of the clients inside that a file of orphans holds."""
    kept = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    rows = [orphan["row"] for orphan in kept if "row" in orphan]
    found = {row["n"] for row in rows if row.get("client") == "inside"}
    return found | {int(orphan["text"]) for orphan in kept if orphan.get("subject") == INSIDE}


async def messages_in(lab: Lab, region: str) -> set[int]:
    """The numbers of theirs that are in the region's stream."""
    settings = NatsSettings.model_validate(queue(lab, region))
    async with connected(settings, Secrets()) as jet:
        found = messages(jet, settings, 1, await read_stream(jet, settings))
        return {int(message.data) async for message in found if message.subject == INSIDE}


async def rows_in(lab: Lab, region: str) -> set[int]:
    """The numbers of theirs that are in the region's database."""
    return {int(str(n)) for (n,) in await ask(lab, region, "SELECT n FROM rows WHERE client = 'inside'")}
