"""One scenario for each way in which each workflow can end: recorded once, replayed for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio.client import WorkflowHandle

from runbooks.controls import KillSwitch, Release
from runbooks.runs import DecisionKind, Phase, RunState
from runbooks.steps import ErrorType
from runbooks.watches import WatchInput
from tests.workflows.conftest import Stage, say
from tests.workflows.world import SOURCE, failing, runbook
from workflows.decided import BACK
from workflows.failover import Failover
from workflows.kill_switch import KillSwitchRun
from workflows.watch import Watch

Scenario = Callable[[Stage], Awaitable[WorkflowHandle[Any, Any]]]
ASKED = {"failover": {"approval": {"count": 1, "timeout": "2s"}}}


async def reached(handle: WorkflowHandle[Failover, RunState], phase: Phase) -> RunState:
    """The state as soon as the run is in the phase."""
    while True:
        state = await handle.query(Failover.state)
        if state.phase == phase:
            return state
        await asyncio.sleep(0.05)


async def recovered(stage: Stage) -> WorkflowHandle[Any, Any]:
    """Approved, with passing faults, a notice, and a hold in the middle."""
    stage.world.faults["promote.postgres"] = failing(1)
    policy = {"failover": {"approval": {"count": 1}}}
    handle = await stage.start(runbook=runbook(policy=policy, notify=[{"uses": "notify.log"}]))
    state = await reached(handle, Phase.AWAITING_APPROVAL)
    await handle.signal(Failover.decide, say(DecisionKind.HOLD))
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=state.checksum))
    await reached(handle, Phase.RUNNING)
    await handle.signal(Failover.decide, say(DecisionKind.RESUME))
    return handle


async def recovered_by_hand(stage: Stage) -> WorkflowHandle[Any, Any]:
    """Forced, without proof of the fence, with a step that a person retries."""
    stage.world.power = False
    handle = await stage.start(force=True)
    await reached(handle, Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.RETRY))
    await asyncio.sleep(0.5)
    await reached(handle, Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.ACCEPT, reason="unproved-fence:vector-db"))
    return handle


async def applied_not_confirmed(stage: Stage) -> WorkflowHandle[Any, Any]:
    """The last verify is skipped."""
    stage.world.faults["verify.dns"] = failing(99, ErrorType.WRONG_STATE)
    handle = await stage.start()
    await reached(handle, Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.SKIP, reason="seen by hand"))
    return handle


async def refused(stage: Stage) -> WorkflowHandle[Any, Any]:
    """The source is alive."""
    stage.world.dead = set()
    return await stage.start()


async def refused_by_its_plan(stage: Stage) -> WorkflowHandle[Any, Any]:
    """The standby is too far behind, and nobody accepts that in time."""
    stage.world.lag = 100.0
    return await stage.start(runbook=runbook(policy=ASKED))


async def rejected(stage: Stage) -> WorkflowHandle[Any, Any]:
    """A person says no."""
    handle = await stage.start(runbook=runbook(policy={"failover": {"approval": {"count": 1}}}))
    await reached(handle, Phase.AWAITING_APPROVAL)
    await handle.signal(Failover.decide, say(DecisionKind.REJECT, reason="not now"))
    return handle


async def expired(stage: Stage) -> WorkflowHandle[Any, Any]:
    """Nobody says anything."""
    return await stage.start(runbook=runbook(policy=ASKED))


async def aborted(stage: Stage) -> WorkflowHandle[Any, Any]:
    """A person aborts while a step waits."""
    stage.world.faults["promote.postgres"] = failing(99, ErrorType.WRONG_STATE)
    handle = await stage.start()
    await reached(handle, Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    return handle


async def watched(stage: Stage) -> WorkflowHandle[Any, Any]:
    """The detector sees the region die, starts a run, and is stopped."""
    stage.world.dead = set()
    book = runbook(name="watched")
    handle = await stage.client.start_workflow(
        Watch.run, WatchInput(runbook=book), id=f"evac/watched/{stage.queue}", task_queue=stage.queue
    )
    while len((await handle.query(Watch.state)).verdicts) < 6:
        await asyncio.sleep(0.05)
    stage.world.dead = {SOURCE}
    while not (await handle.query(Watch.state)).run:
        await asyncio.sleep(0.05)
    await stage.client.get_workflow_handle("evac/watched").result()
    await handle.signal(Watch.stop)
    return handle


async def watch_vetoed(stage: Stage) -> WorkflowHandle[Any, Any]:
    """Maintenance: the fault is vetoed, and then the region comes back by itself."""
    stage.world.dead = set()
    always = [{"start": "00:00", "end": "00:00", "reason": "all day"}]
    book = runbook(name="vetoed", maintenance=always, notify=[{"uses": "notify.log"}])
    handle = await _armed(stage, WatchInput(runbook=book))
    stage.world.dead = {SOURCE}
    await _decided(handle, "vetoed")
    stage.world.dead = set()
    await _decided(handle, "nothing", BACK)
    await handle.signal(Watch.stop)
    return handle


async def watch_dwelled(stage: Stage) -> WorkflowHandle[Any, Any]:
    """A quorum that does not stand long enough, and one that does, of a detector that only reports."""
    stage.world.dead = set()
    book = runbook(name="dwelled", detect={"dwell": "2s"})
    handle = await _armed(stage, WatchInput(runbook=book, start_failover=False))
    stage.world.dead = {SOURCE}
    await _decided(handle, "dwelling")
    stage.world.dead = set()
    await _decided(handle, "nothing", BACK)
    stage.world.dead = {SOURCE}
    await _decided(handle, "reported")
    await handle.signal(Watch.stop)
    return handle


async def _armed(stage: Stage, armed: WatchInput) -> WorkflowHandle[Any, Any]:
    """A detector that has heard of everybody."""
    handle = await stage.client.start_workflow(
        Watch.run, armed, id=f"evac/{armed.runbook.name}/{stage.queue}", task_queue=stage.queue
    )
    while len((await handle.query(Watch.state)).verdicts) < len(armed.runbook.regions) * 3:
        await asyncio.sleep(0.05)
    return handle


async def _decided(handle: WorkflowHandle[Any, Any], action: str, reason: str = "") -> None:
    """That was decided of the source last."""
    while True:
        decisions = [d for d in (await handle.query(Watch.state)).decisions if d.region == SOURCE]
        if decisions and decisions[-1].action == action and (not reason or decisions[-1].reasons == (reason,)):
            return
        await asyncio.sleep(0.05)


async def kill_switch_released(stage: Stage) -> WorkflowHandle[Any, Any]:
    """Engaged, and released by somebody else."""
    switch = KillSwitch(by="ann", reason="the link is being repaired", at=0.0, scope="llm")
    handle = await stage.client.start_workflow(
        KillSwitchRun.run, switch, id=f"evac/kill-switch/{stage.queue}", task_queue=stage.queue
    )
    await handle.signal(KillSwitchRun.release, Release(by="bob", reason="repaired"))
    return handle


SCENARIOS: dict[str, Scenario] = {
    "failover-recovered": recovered,
    "failover-recovered-by-hand": recovered_by_hand,
    "failover-applied-not-confirmed": applied_not_confirmed,
    "failover-refused": refused,
    "failover-refused-by-its-plan": refused_by_its_plan,
    "failover-rejected": rejected,
    "failover-expired": expired,
    "failover-aborted": aborted,
    "watch-stopped": watched,
    "watch-vetoed": watch_vetoed,
    "watch-dwelled": watch_dwelled,
    "kill-switch-released": kill_switch_released,
}
