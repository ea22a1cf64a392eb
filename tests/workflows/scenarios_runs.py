"""One scenario for each way in which the planned procedures can end, in the world of the tests."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio.client import WorkflowHandle

from runbooks.controls import Holder, LockInput
from runbooks.models import Procedure
from runbooks.runs import DecisionKind, Outcome, Phase, RunInput, RunState, Trigger
from runbooks.steps import ErrorType
from tests.workflows.conftest import Stage, say
from tests.workflows.world import SOURCE, TARGET, failing, runbook
from workflows.failover import Failover
from workflows.lock import Lock

Handle = WorkflowHandle[Any, Any]
Play = Callable[[Stage, Procedure], Awaitable[Handle]]


def away(stage: Stage) -> None:
    """As a failover has left it: everything is in the target, and the former primary is fenced."""
    world = stage.world
    world.primary, world.fenced, world.leads, world.following = {TARGET}, {SOURCE}, (TARGET,), set()
    world.replicas = {SOURCE: 2, TARGET: 2}


async def start(stage: Stage, procedure: Procedure, *, approvals: int = 0, **policy: Any) -> Handle:
    """The procedure, asked for by ann, in a world where everything is alive."""
    stage.world.dead = set()
    source, target = (SOURCE, TARGET) if procedure is Procedure.SWITCHOVER else (TARGET, SOURCE)
    if procedure is Procedure.FAILBACK:
        away(stage)
    rule = {"approval": {"count": approvals, "timeout": "2s"}, **policy}
    book = runbook(policy={str(procedure): rule, "failover": {"approval": {"count": 0}}})
    at = time.time()
    trigger = Trigger(id="asked", kind="person", by="ann", at=at, procedure=procedure, source=source)
    return await stage.start(runbook=book, procedure=procedure, source=source, target=target, trigger=trigger)


async def reached(handle: Handle, phase: Phase) -> RunState:
    """The state as soon as the run is in the phase."""
    while True:
        state: RunState = await handle.query(Failover.state)
        if state.phase == phase:
            return state
        await asyncio.sleep(0.05)


async def completed(stage: Stage, procedure: Procedure) -> Handle:
    """Approved, moved, and confirmed in time."""
    handle = await start(stage, procedure, approvals=1, commit_within="60s")
    state = await reached(handle, Phase.AWAITING_APPROVAL)
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=state.checksum))
    await reached(handle, Phase.AWAITING_CONFIRMATION)
    await handle.signal(Failover.decide, say(DecisionKind.CONFIRM))
    return handle


async def applied_not_confirmed(stage: Stage, procedure: Procedure) -> Handle:
    """The last verify is skipped."""
    stage.world.faults["verify.dns"] = failing(99, ErrorType.WRONG_STATE)
    handle = await start(stage, procedure)
    await reached(handle, Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.SKIP, reason="seen by hand"))
    return handle


async def aborted(stage: Stage, procedure: Procedure) -> Handle:
    """Before the point of no return: what was done is undone."""
    stage.world.faults["catch_up.postgres"] = failing(99, ErrorType.WRONG_STATE)
    handle = await start(stage, procedure)
    await reached(handle, Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    return handle


async def went_back(stage: Stage, procedure: Procedure) -> Handle:
    """Nobody confirms in time: it goes on as the switchover back."""
    return await start(stage, procedure, commit_within="300ms")


async def superseded(stage: Stage, procedure: Procedure) -> Handle:
    """It goes on as a real failover."""
    handle = await start(stage, procedure, approvals=1)
    state = await reached(handle, Phase.AWAITING_APPROVAL)
    stage.world.dead = {state.source}
    trigger = Trigger(id="real", kind="watch", by="watch", at=time.time(), source=state.source, reason="dead")
    await handle.signal(Failover.trigger, trigger)
    return handle


async def refused(stage: Stage, procedure: Procedure) -> Handle:
    """The one that is to be left does not answer."""
    stage.world.dns = False
    return await start(stage, procedure, approvals=1)


async def rejected(stage: Stage, procedure: Procedure) -> Handle:
    """A person says no."""
    handle = await start(stage, procedure, approvals=1)
    await reached(handle, Phase.AWAITING_APPROVAL)
    await handle.signal(Failover.decide, say(DecisionKind.REJECT, reason="not now"))
    return handle


async def expired(stage: Stage, procedure: Procedure) -> Handle:
    """Nobody says anything."""
    return await start(stage, procedure, approvals=1)


PLAYS: dict[str, Play] = {
    Outcome.COMPLETED: completed,
    Outcome.APPLIED_NOT_CONFIRMED: applied_not_confirmed,
    Outcome.ABORTED: aborted,
    "went-back": went_back,
    Outcome.SUPERSEDED: superseded,
    Outcome.REFUSED: refused,
    Outcome.REJECTED: rejected,
    Outcome.EXPIRED: expired,
}


def _played(play: Play, procedure: Procedure) -> Callable[[Stage], Awaitable[Handle]]:
    async def scenario(stage: Stage) -> Handle:
        return await play(stage, procedure)

    return scenario


async def rehearsed(stage: Stage) -> Handle:
    """The isolated drill: nothing is moved."""
    stage.world.dead = set()
    book = runbook(policy={"drill": {"approval": {"count": 0}}})
    trigger = Trigger(id="asked", kind="drill", by="ann", at=time.time(), procedure=Procedure.DRILL, source=SOURCE)
    request = RunInput(runbook=book, procedure=Procedure.DRILL, source=SOURCE, trigger=trigger)
    name = f"evac/llm/{stage.queue}"
    return await stage.client.start_workflow(
        "drill-rehearsal", request, id=name, task_queue=stage.queue, result_type=RunState
    )


async def locked(stage: Stage) -> Handle:
    """Held and released."""
    holder = Holder(workflow_id="evac/llm", run_id="", what="failover of llm", at=time.time())
    request = LockInput(name="shared", holder=holder)
    handle = await stage.client.start_workflow(Lock.run, request, id=f"lock/{stage.queue}", task_queue=stage.queue)
    await handle.signal(Lock.release)
    return handle


RUN_SCENARIOS = {
    "rehearsal-completed": rehearsed,
    "lock-released": locked,
} | {
    f"{procedure}-{name}": _played(play, procedure)
    for procedure in (Procedure.SWITCHOVER, Procedure.FAILBACK)
    for name, play in PLAYS.items()
}
