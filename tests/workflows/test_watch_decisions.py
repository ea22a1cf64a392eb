"""What the detector decides and why, through a real Temporal server: dwell, vetoes, and what was not done."""

import asyncio
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from runbooks.controls import KillSwitch, Release, kill_switch_id
from runbooks.objection import WatchDecision
from runbooks.runs import Outcome
from runbooks.watches import WatchState
from tests.workflows.conftest import Stage, workers
from tests.workflows.test_watch import Handle, armed, saw, until
from tests.workflows.world import SOURCE, TARGET, World
from workflows.decided import BACK, HEARD
from workflows.failover import Failover
from workflows.kill_switch import KillSwitchRun
from workflows.search_attributes import ALL


def of(state: WatchState, region: str = SOURCE) -> list[WatchDecision]:
    """What was decided of the region."""
    return [decision for decision in state.decisions if decision.region == region]


def last(state: WatchState, region: str = SOURCE) -> str:
    """The action that was decided of the region last."""
    return next((decision.action for decision in reversed(of(state, region))), "")


def vetoes(state: WatchState) -> tuple[str, ...]:
    """What stood against the failover last."""
    return of(state)[-1].vetoes if of(state) else ()


async def weighed(handle: Handle) -> int:
    """How often the detector asked what stands against a failover."""
    scheduled = [event.activity_task_scheduled_event_attributes for event in (await handle.fetch_history()).events]
    return [attributes.activity_type.name for attributes in scheduled].count("weigh")


async def calm(stage: Stage, handle: Handle) -> None:
    """Everything is seen well from everywhere."""
    await until(handle, lambda s: len(s.verdicts) == 6 and not [v for v in s.verdicts if v.state != "healthy"])
    assert stage.world.acts == []


async def recovered(stage: Stage, handle: Handle) -> None:
    """The run that was started has done its work."""
    await until(handle, lambda s: bool(s.run))
    name = handle.id.removesuffix("/watch")
    state = await stage.client.get_workflow_handle_for(Failover.run, name).result()
    assert (state.outcome, stage.world.primary) == (Outcome.RECOVERED, {TARGET})


async def test_a_region_that_comes_back_within_the_dwell_starts_nothing(stage: Stage) -> None:
    """The quorum stood, but not long enough; that nothing was done is kept with the reason."""
    stage.world.dead = set()
    async with armed(stage, detect={"dwell": "10m"}) as handle:
        await calm(stage, handle)
        stage.world.dead = {SOURCE}
        await until(handle, lambda s: last(s) == "dwelling")
        stage.world.dead = set()
        state = await until(handle, lambda s: last(s) == "nothing" and of(s)[-1].reasons == (BACK,))
    assert (state.run, stage.world.acts) == ("", [])
    assert state.decided == len(state.decisions)


async def test_a_quorum_that_stands_through_the_dwell_starts_the_run(stage: Stage) -> None:
    """Not a moment before: the timer alone begins it."""
    stage.world.dead = set()
    async with armed(stage, detect={"dwell": "1s"}) as handle:
        await calm(stage, handle)
        stage.world.dead = {SOURCE}
        await recovered(stage, handle)
        decisions = of(await handle.query("state", result_type=WatchState))
    actions = [decision.action for decision in decisions if decision.action != "nothing"]
    assert actions[:2] == ["dwelling", "started"]
    dwelling, started = (next(d for d in decisions if d.action == action) for action in actions[:2])
    assert started.at - dwelling.at >= 1.0


async def test_failure_15_a_common_cause_starts_nothing(stage: Stage) -> None:
    """Both regions fail in the same way at once: vetoed with the reason, until one of them is well again."""
    stage.world.dead, stage.world.down_seen_by = set(), (SOURCE, TARGET, "witness")
    async with armed(stage) as handle:
        await calm(stage, handle)
        stage.world.dead = {SOURCE, TARGET}
        state = await until(handle, lambda s: "same-symptom" in vetoes(s) and len(saw(s, TARGET, "unhealthy")) == 3)
        assert f"the same fails in {TARGET} (http)" in " ".join(of(state)[-1].reasons)
        stage.world.dead = {SOURCE}
        await recovered(stage, handle)


async def test_failure_16_a_lost_quorum_is_said_and_starts_nothing(stage: Stage) -> None:
    """One of two vantage points is cut off, and then the region dies: what is left is not made a quorum of."""
    stage.world.dead = set()
    async with armed(stage) as handle:
        await calm(stage, handle)
        stage.world.mute = {TARGET}
        stage.world.dead = {SOURCE}
        await until(handle, lambda s: saw(s, SOURCE, "unhealthy") == ["witness"])
        stage.world.views = {(TARGET, SOURCE): "healthy"}  # a change of its own, so that it probes anew
        state = await until(handle, lambda s: saw(s, SOURCE, "unknown") == [TARGET])
        assert "its failure would not be noticed" in " ".join(of(state)[-1].reasons)
        assert (last(state), state.run) == ("nothing", "")
        stage.world.mute, stage.world.views = set(), {}
        await recovered(stage, handle)


async def test_failure_21_no_second_run_within_the_cool_down(stage: Stage) -> None:
    """It flaps: after the run that moved everything, another one waits until the time is over, and no longer."""
    stage.world.dead = set()
    policy = {"failover": {"approval": {"count": 0}}, "cool_down": "4s"}
    async with armed(stage, policy=policy) as handle:
        await calm(stage, handle)
        stage.world.dead = {SOURCE}
        await recovered(stage, handle)
        ended = time.time()
        stage.world.dead = set()
        await until(handle, lambda s: len(saw(s, SOURCE, "healthy")) == 3)
        stage.world.dead = {SOURCE}
        await until(handle, lambda s: vetoes(s) == ("cool-down",))
        state = await until(handle, lambda s: last(s) == "started")
    assert [d.action for d in of(state) if d.action != "nothing"] == ["started", "vetoed", "started"]
    assert of(state)[-1].at - ended > 3.0


async def test_failure_25_the_word_of_a_vantage_point_that_fell_silent_is_stale(stage: Stage) -> None:
    """It saw the region down and is gone: its word counts no more, neither for the fault nor for its end."""
    stage.world.dead = set()
    async with armed(stage, detect={"dwell": "10m"}) as handle:
        await calm(stage, handle)
        stage.world.dead = {SOURCE}
        await until(handle, lambda s: last(s) == "dwelling")
        stage.world.mute = {TARGET}
        stage.world.views = {(TARGET, SOURCE): "unknown"}
        state = await until(handle, lambda s: last(s) == "nothing" and saw(s, SOURCE, "unknown") == [TARGET])
        assert of(state)[-1].seen_by == ("witness",)
        assert state.run == ""


async def test_failure_30_a_broken_probe_starts_nothing_and_is_told(stage: Stage) -> None:
    """One vantage point sees every region down: its word does not count, and people are told of it."""
    stage.world.dead = set()
    detect, notify = {"quorum": 1}, [{"uses": "notify.log"}]
    async with armed(stage, detect=detect, notify=notify) as handle:
        await calm(stage, handle)
        stage.world.views = {("witness", SOURCE): "unhealthy", ("witness", TARGET): "unhealthy"}
        state = await until(handle, lambda s: last(s) == "vetoed" and "broken-probe" in vetoes(s))
        while not stage.world.told:
            await asyncio.sleep(0.02)
    assert "the word of witness does not count: it sees every region down" in " ".join(of(state)[-1].reasons)
    assert any("does not count" in text for text in stage.world.told)
    assert (state.run, stage.world.primary) == ("", {SOURCE})


async def test_a_veto_is_not_asked_about_again_and_again(stage: Stage) -> None:
    """Maintenance for hours: until it is over, or something else is seen, the history does not grow."""
    stage.world.dead = set()
    always = [{"start": "00:00", "end": "00:00", "reason": "all day"}]
    async with armed(stage, maintenance=always) as handle:
        await calm(stage, handle)
        stage.world.dead = {SOURCE}
        await until(handle, lambda s: vetoes(s) == ("maintenance",) and len(saw(s, SOURCE, "unhealthy")) == 2)
        before = await weighed(handle)
        await asyncio.sleep(0.5)  # twenty-five rounds of every vantage point
        assert await weighed(handle) == before <= 2
        stage.world.views = {("witness", TARGET): "unknown"}
        while await weighed(handle) == before:
            await asyncio.sleep(0.05)


async def test_in_a_deployment_nothing_begins(stage: Stage) -> None:
    """Asked at the moment of decision."""
    stage.world.dead, stage.world.deploying = set(), True
    detect = {"deploying": {"kind": "http", "url": "http://ci/{region}/rollout"}}
    async with armed(stage, detect=detect) as handle:
        await calm(stage, handle)
        stage.world.dead = {SOURCE}
        state = await until(handle, lambda s: vetoes(s) == ("deploy",))
        assert of(state)[-1].reasons == ("a deployment is in progress: release 42 rolls out",)
        stage.world.deploying = False
        stage.world.views = {("witness", TARGET): "unknown"}  # any news has it considered anew
        await recovered(stage, handle)


async def test_while_the_kill_switch_is_engaged_nothing_begins(stage: Stage) -> None:
    """Released, the next look begins it."""
    stage.world.dead = set()
    async with armed(stage) as handle:
        await calm(stage, handle)
        name = handle.id.split("/")[1]
        switch = KillSwitch(by="ann", reason="repairs", at=time.time(), scope=name)
        engaged = await stage.client.start_workflow(
            KillSwitchRun.run, switch, id=kill_switch_id(name), task_queue=stage.queue
        )
        stage.world.dead = {SOURCE}
        state = await until(handle, lambda s: vetoes(s) == ("kill-switch",))
        assert of(state)[-1].reasons == (f"the kill switch of {name} is engaged by ann: repairs",)
        await engaged.signal(KillSwitchRun.release, Release(by="ann"))
        await engaged.result()
        stage.world.views = {("witness", TARGET): "unknown"}
        await recovered(stage, handle)


async def test_a_detector_that_only_reports_reports(stage: Stage) -> None:
    """Once for each fault, whatever comes and goes."""
    stage.world.dead = set()
    async with armed(stage, start_failover=False) as handle:
        await calm(stage, handle)
        for times in (1, 2):
            stage.world.dead = {SOURCE}
            state = await until(handle, lambda s, n=times: [d.action for d in of(s)].count("reported") == n)
            stage.world.dead = set()
            await until(handle, lambda s: len(saw(s, SOURCE, "healthy")) == 3)
    assert (state.run, stage.world.acts) == ("", [])


async def test_a_silent_vantage_point_that_speaks_again_is_kept_as_well(stage: Stage) -> None:
    """Who reads the decisions sees from when to when nobody would have noticed."""
    stage.world.dead = set()
    stage.world.mute = {TARGET}
    async with armed(stage) as handle:
        await until(handle, lambda s: last(s) == "nothing")
        stage.world.mute = set()
        state = await until(handle, lambda s: bool(of(s)) and of(s)[-1].reasons == (HEARD,))
    assert "its failure would not be noticed" in of(state)[0].reasons[0]


@pytest_asyncio.fixture
async def short_lived() -> AsyncIterator[Stage]:
    """A server that wants workflows to go on as new ones after a few events."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_startup_timeout=timedelta(seconds=30),
        search_attributes=ALL,
        data_converter=pydantic_data_converter,
        dev_server_extra_args=[
            *("--dynamic-config-value", "history.transferProcessorMaxPollRPS=5000"),
            *("--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40"),
        ],
    ) as env:
        address = env.client.service_client.config.target_host
        client = await Client.connect(address, data_converter=pydantic_data_converter)
        world, queue = World(), f"evac-{uuid.uuid4()}"
        async with AsyncExitStack() as stack:
            for worker in workers(client, queue, world):
                await stack.enter_async_context(worker)
            yield Stage(client, queue, world)


async def test_nothing_is_lost_or_counted_twice_when_it_goes_on_as_another_run(short_lived: Stage) -> None:
    """Verdicts, what stands and since when, decisions, and the last good readings go along; the dwell goes on."""
    stage = short_lived
    stage.world.dead = set()
    async with armed(stage, detect={"dwell": "4s"}) as handle:
        await calm(stage, handle)
        first = (await handle.describe()).run_id
        stage.world.dead = {SOURCE}
        await until(handle, lambda s: last(s) == "dwelling")
        for turn in range(12):
            stage.world.views = {("witness", TARGET): "unknown" if turn % 2 else "healthy"}
            wanted: Any = "unknown" if turn % 2 else "healthy"
            await until(handle, lambda s, w=wanted: "witness" in saw(s, TARGET, w))
        assert (await stage.client.get_workflow_handle(handle.id).describe()).run_id != first
        await until(handle, lambda s: bool(s.run))
        state = await handle.query("state", result_type=WatchState)
        actions = [d.action for d in of(state) if d.action != "nothing"]
        assert actions == ["dwelling", "started"]
        dwelling, started = (d for d in of(state) if d.action != "nothing")
        assert started.at - dwelling.at >= 4.0
        assert state.decided == len(state.decisions)
