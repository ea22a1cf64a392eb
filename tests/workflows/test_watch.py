"""The detector through a real Temporal server: quorum, silence, one run for one fault."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from temporalio import workflow
from temporalio.client import WorkflowHandle
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.worker import StartChildWorkflowInput

from runbooks.runs import DecisionKind, Outcome, RunInput, RunState, Trigger
from runbooks.watches import WatchInput, WatchState
from tests.workflows.conftest import Stage, say, workers
from tests.workflows.late_news import LateNews
from tests.workflows.world import SOURCE, TARGET, runbook
from workflows.failover import Failover
from workflows.watch import Watch

FAILED = "start_child_workflow_execution_failed_event_attributes"
Handle = WorkflowHandle[Watch, WatchState]


async def until(handle: Handle, wanted: Callable[[WatchState], bool]) -> WatchState:
    """The detector's state as soon as it is as wanted."""
    deadline = time.monotonic() + 40
    while True:
        state = await handle.query(Watch.state)
        if wanted(state):
            return state
        assert time.monotonic() < deadline, f"not as wanted: {state.model_dump(mode='json')}"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def armed(stage: Stage, **changes: object) -> AsyncIterator[Handle]:
    """A detector of a runbook with a name of its own, stopped at the end."""
    name = str(changes.pop("name", stage.queue[-40:]))
    start = bool(changes.pop("start_failover", True))
    book = runbook(name=name, **changes)
    await stage.client.start_workflow(
        Watch.run,
        WatchInput(runbook=book, start_failover=start),
        id=f"evac/{name}/watch",
        task_queue=stage.queue,
    )
    handle = stage.client.get_workflow_handle_for(Watch.run, f"evac/{name}/watch")
    try:
        yield handle
    finally:
        await handle.signal(Watch.stop)
        await handle.result()


def saw(state: WatchState, region: str, what: str) -> list[str]:
    """The vantage points that see the region so."""
    return sorted(v.vantage for v in state.verdicts if v.region == region and v.state == what)


async def test_a_quorum_starts_one_failover_that_knows_what_was_seen(stage: Stage) -> None:
    """The region dies; the detector starts the failover with its verdicts, so it is not confirmed a second time."""
    stage.world.dead = set()
    async with armed(stage) as handle:
        await until(handle, lambda s: len(saw(s, SOURCE, "healthy")) == 3)
        stage.world.dead = {SOURCE}
        await until(handle, lambda s: bool(s.run))
        run = stage.client.get_workflow_handle_for(Failover.run, f"evac/{stage.queue[-40:]}")
        state: RunState = await run.result()
    assert (Outcome.RECOVERED, {TARGET}) == (state.outcome, stage.world.primary)
    assert state.triggers[0].kind == "watch"
    assert state.fault_at is not None
    assert {"eu-west-1", "witness"} == {v.vantage for v in state.verdicts}


async def test_one_vantage_point_starts_nothing(stage: Stage) -> None:
    """What one vantage point alone sees is not a dead region."""
    stage.world.down_seen_by = ("witness",)
    async with armed(stage) as handle:
        await until(handle, lambda s: saw(s, SOURCE, "unhealthy") == ["witness"] and len(s.verdicts) == 6)
        await asyncio.sleep(0.3)
        state = await handle.query(Watch.state)
    assert state.run == ""
    assert stage.world.acts == []


async def test_a_vantage_point_without_a_worker_is_unknown_and_never_counts(stage: Stage) -> None:
    """Silence is a reading: unknown, never down."""
    detect = {"vantage": ["nowhere", "witness"], "quorum": 2}
    async with armed(stage, detect=detect) as handle:
        state = await until(handle, lambda s: saw(s, SOURCE, "unknown") == ["nowhere"])
    assert state.run == ""
    assert stage.world.acts == []


async def test_a_region_that_dies_during_another_run_gets_a_run_of_its_own(stage: Stage) -> None:
    """The run that is going leaves another region: the fault waits for its end, and is then acted on."""
    name = stage.queue[-40:]
    book = runbook(name=name, policy={"failover": {"approval": {"count": 1}}})
    trigger = Trigger(id="by-hand", kind="person", by="ann", at=0.0)
    going = await stage.client.start_workflow(
        Failover.run,
        RunInput(runbook=book, source=TARGET, target=SOURCE, force=True, trigger=trigger),
        id=f"evac/{name}",
        task_queue=stage.queue,
    )
    async with armed(stage) as handle:
        await until(handle, lambda s: any(decision.action == "joined" for decision in s.decisions))
        while len((await going.query(Failover.state)).triggers) < 2:
            await asyncio.sleep(0.05)
        assert stage.world.acts == []
        await going.signal(Failover.decide, say(DecisionKind.ABORT))
        await until(handle, lambda s: bool(s.run))
        state = await stage.client.get_workflow_handle_for(Failover.run, f"evac/{name}").result()
    assert (state.source, state.outcome) == (SOURCE, Outcome.RECOVERED)


class LateRefusal(LateNews):
    """The news that a run is going already reaches the detector half a second late."""

    async def start_child_workflow(self, input: StartChildWorkflowInput) -> Any:  # noqa: A002 - Temporal's name
        """As always, but late."""
        try:
            return await self.next.start_child_workflow(input)
        except WorkflowAlreadyStartedError:
            await workflow.sleep(0.5)
            raise


async def test_a_run_that_ends_before_it_can_be_joined_does_not_end_the_detector(stage: Stage) -> None:
    """The detector finds a run going, and it is over when the detector wants to join it: it starts one itself."""
    name, queue = stage.queue[-40:], f"{stage.queue}-late"
    going = await stage.client.start_workflow(
        "failover", id=f"evac/{name}", task_queue="nobody", static_summary="it never does anything"
    )
    async with AsyncExitStack() as stack:
        for worker in workers(stage.client, queue, stage.world, [LateRefusal()]):
            await stack.enter_async_context(worker)
        async with armed(Stage(stage.client, queue, stage.world), name=name) as handle:
            watched = stage.client.get_workflow_handle(handle.id)
            while not [event async for event in watched.fetch_history_events() if event.HasField(FAILED)]:
                await asyncio.sleep(0.05)
            await going.terminate()
            await until(handle, lambda s: bool(s.run))
            state = await stage.client.get_workflow_handle_for(Failover.run, f"evac/{name}").result()
    assert state.outcome == Outcome.RECOVERED
