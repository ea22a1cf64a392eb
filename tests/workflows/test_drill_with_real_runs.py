"""Drills and evacuations over the real runs: what they take for granted of one another holds."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from activities.gate import Gate
from activities.recording import Archive
from activities.reporting import Reporter
from activities.temporal import Temporal
from runbooks.drills import DrillInput, DrillOutcome, DrillPhase, DrillState
from runbooks.evacuation import Book, EvacuateInput, EvacuationOutcome
from runbooks.models import Procedure, Runbook
from runbooks.reports import PublicCall, PublicReport
from runbooks.runs import DecisionKind, Outcome, RunInput, RunState, Trigger
from runbooks.steps import StepResult
from tests.workflows.composite_stage import trigger, until
from tests.workflows.conftest import say
from tests.workflows.sandbox import ValidatedOnce
from tests.workflows.world import SOURCE, TARGET, World, runbook
from triggers.composite import decide_drill, start_drill, start_evacuation
from triggers.start import start_run
from worker.settings import Settings
from workflows.drill import Drill
from workflows.evacuate import Evacuate
from workflows.failback import Failback
from workflows.failover import Failover
from workflows.lock import Lock
from workflows.rehearsal import Rehearsal
from workflows.switchover import Switchover

UNASKED = {"approval": {"count": 0}}


@dataclass
class Real:
    """A world, and the real workflows in it."""

    client: Client
    settings: Settings
    world: World
    book: Runbook

    async def drill(self, **changes: Any) -> WorkflowHandle[Any, DrillState]:
        """Start a drill."""
        request = DrillInput.model_validate({"runbook": self.book, "soak": 0, "trigger": trigger(), **changes})
        return (await start_drill(self.client, self.settings, request)).handle


@activity.defn(name="public")
async def public(call: PublicCall) -> PublicReport:
    """All is well."""
    good = StepResult(changed=False, reason="it answers")
    return PublicReport(vantage=call.vantage, results=(good,) * len(call.calls))


@pytest_asyncio.fixture
async def real(server: str, tmp_path: Path) -> AsyncIterator[Real]:
    """Everybody is alive; nobody is asked."""
    client = await Client.connect(server, data_converter=pydantic_data_converter)
    settings = Settings(home=tmp_path, task_queue=f"evac-{uuid.uuid4()}")
    world, gate, temporal = World(dead=set()), Gate(client), Temporal(client)
    reporter = Reporter(client, Archive(settings.records))
    policy = {"failover": UNASKED, "switchover": UNASKED, "failback": UNASKED, "drill": UNASKED}
    async with AsyncExitStack() as stack:
        workers = [
            Worker(
                client,
                task_queue=settings.task_queue,
                workflows=[Failover, Switchover, Failback, Rehearsal, Lock, Drill, Evacuate],
                workflow_runner=ValidatedOnce(),
                activities=[
                    *world.activities(),
                    gate.gate,
                    gate.holder,
                    reporter.report,
                    temporal.going,
                    temporal.follow,
                ],
            )
        ]
        for vantage in ("us-east-1", "eu-west-1", "witness"):
            queue = settings.vantage_queue(vantage)
            workers.append(Worker(client, task_queue=queue, activities=[*world.vantage(vantage), public]))
        for worker in workers:
            await stack.enter_async_context(worker)
        yield Real(client, settings, world, runbook(name=f"llm-{uuid.uuid4().hex[:12]}", policy=policy))


def disaster() -> Trigger:
    """A person sees the source die."""
    return Trigger(id=str(uuid.uuid4()), kind="person", by="ann", at=0.0, source=SOURCE)


async def test_drills_in_a_row(real: Real) -> None:
    """Out by a switchover and home by a failback, again and again: each passes, and everything is as it was."""
    for _ in range(3):
        state = await (await real.drill()).result()
        assert state.report is not None
        assert (state.outcome, state.report.passed) == (DrillOutcome.PASSED, True), state.report.sentences
        assert [leg.procedure for leg in state.legs] == [Procedure.SWITCHOVER, Procedure.FAILBACK]
        assert state.report.without_writes is not None
        assert "Nothing of vector-db was lost on the way out" in state.report.sentences
        assert ({SOURCE}, (SOURCE,), {SOURCE: 2, TARGET: 1}) == (
            real.world.primary,
            real.world.leads,
            real.world.replicas,
        )


async def test_a_store_that_lost_its_primary_is_brought_home_by_a_failback(real: Real) -> None:
    """While the system soaks the old primary stops following."""
    handle = await real.drill(soak="1h")
    await until(handle, DrillState, lambda s: s.phase == DrillPhase.SOAK)
    real.world.following.clear()
    await decide_drill(real.client, real.book.name, say(DecisionKind.ABORT))
    state = await handle.result()
    assert [leg.procedure for leg in state.legs] == [Procedure.SWITCHOVER, Procedure.FAILBACK]
    assert (state.outcome, {SOURCE}) == (DrillOutcome.ABORTED, real.world.primary)


async def test_an_abort_on_the_way_out_is_undone(real: Real) -> None:
    """The drill hands it to the run, which takes back what it did before its point of no return."""
    real.world.pauses["scale.process"] = asyncio.Event()
    handle = await real.drill()
    while not real.world.calls["scale.process"]:
        await asyncio.sleep(0.02)
    await decide_drill(real.client, real.book.name, say(DecisionKind.ABORT))
    run = real.client.get_workflow_handle(f"evac/{real.book.name}", result_type=RunState)
    await until(run, RunState, lambda s: bool(s.decisions))
    real.world.pauses["scale.process"].set()
    state = await handle.result()
    assert (state.outcome, state.soak) == (DrillOutcome.ABORTED, None)
    assert real.world.undone == ["scale.service.eu-west-1"]
    assert ({SOURCE}, (SOURCE,), set()) == (real.world.primary, real.world.leads, real.world.fenced)


async def test_an_isolated_drill_touches_neither_writers_nor_traffic(real: Real) -> None:
    """The standby grows, is verified, and shrinks again; what was rehearsed is said."""
    state = await (await real.drill(mode="isolated")).result()
    assert state.outcome == DrillOutcome.PASSED
    assert not {act.partition(".")[0] for act in real.world.acts} & {"fence", "promote", "cut_over"}
    assert ({SOURCE}, (SOURCE,), {SOURCE: 2, TARGET: 1}) == (real.world.primary, real.world.leads, real.world.replicas)
    said = f"The move of {real.book.name} out of {SOURCE} was rehearsed; nothing was moved"
    assert (state.legs[0].message, state.legs[0].recovery) == (said, None)
    assert any("A copy of vector-db took writes" in proof for proof in state.legs[0].proofs)


async def test_a_disaster_on_the_way_out_is_the_real_failover(real: Real) -> None:
    """The switchover gives way, goes on as a failover, and the drill moves nothing home."""
    real.world.pauses["promote.postgres"] = asyncio.Event()
    handle = await real.drill()
    while not real.world.calls["promote.postgres"]:
        await asyncio.sleep(0.02)
    real.world.dead = {SOURCE}
    request = RunInput(runbook=real.book, source=SOURCE, force=True, trigger=disaster())
    started = await start_run(real.client, real.settings, request)
    real.world.pauses["promote.postgres"].set()
    assert started.joined
    state = await handle.result()
    assert state.outcome == DrillOutcome.TURNED
    newest = real.client.get_workflow_handle(f"evac/{real.book.name}", result_type=RunState)
    run = await newest.result()
    assert (run.procedure, run.outcome) == (Procedure.FAILOVER, Outcome.RECOVERED)
    assert ({TARGET}, (TARGET,)) == (real.world.primary, real.world.leads)


async def test_an_evacuation_moves_what_is_there_and_skips_what_is_not(real: Real) -> None:
    """The second time there is nothing to do."""
    real.world.dead = {SOURCE}
    books = (Book(runbook=real.book),)
    for fate in ("ended", "skipped"):
        request = EvacuateInput(region=SOURCE, books=books, force=True, gap=0, trigger=trigger())
        state = await (await start_evacuation(real.client, real.settings, request)).handle.result()
        assert (state.outcome, state.books[0].fate) == (EvacuationOutcome.EVACUATED, fate), state.message
    assert ({TARGET}, (TARGET,)) == (real.world.primary, real.world.leads)
