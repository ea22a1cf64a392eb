"""The gate asks a real Temporal server: what is engaged, and how the last run ended."""

import asyncio
import time
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import ActivityEnvironment

from activities.clients import executions
from activities.gate import Gate
from runbooks.controls import HolderAnswer, HolderCall, KillSwitch, Release, kill_switch_id, lock_id
from runbooks.models import Runbook
from runbooks.run_calls import GateAnswer, GateCall
from runbooks.runs import DecisionKind, Phase, RunInput, Trigger
from runbooks.steps import ErrorType
from tests.workflows.conftest import Stage, say
from tests.workflows.scenarios import reached
from tests.workflows.world import SOURCE, failing, runbook
from workflows.failover import Failover
from workflows.kill_switch import KillSwitchRun

ASKED = {"failover": {"approval": {"count": 1}}}


def name_of(stage: Stage) -> str:
    """A runbook's name of this test's own."""
    return stage.queue[-40:]


async def gate(stage: Stage, run_id: str = "") -> GateAnswer:
    """What stands against that run."""
    call = GateCall(runbook=name_of(stage), workflow_id=f"evac/{name_of(stage)}", run_id=run_id)
    answer: GateAnswer = await ActivityEnvironment().run(Gate(stage.client).gate, call)
    return answer


async def run(stage: Stage, book: Runbook | None = None) -> "WorkflowHandle[Failover, Any]":
    """A failover under its real id."""
    book = book or runbook(name=name_of(stage))
    trigger = Trigger(id="1", kind="person", by="ann", at=0.0)
    return await stage.client.start_workflow(
        Failover.run,
        RunInput(runbook=book, source=SOURCE, trigger=trigger),
        id=f"evac/{book.name}",
        task_queue=stage.queue,
    )


async def listed(client: Client, workflow_id: str, count: int) -> None:
    """Temporal's listing, which lags behind, knows so many ended ones."""
    while len(await executions.ended(client, workflow_id)) < count:
        await asyncio.sleep(0.05)


async def test_nothing_stands_against_the_first_run(stage: Stage) -> None:
    """No switch, no run before."""
    assert await gate(stage) == GateAnswer()


async def test_a_run_that_recovered_has_changed_something(stage: Stage) -> None:
    """Its end is where the cool-down begins; whoever asks next is told, the run itself is not."""
    handle = await run(stage)
    await handle.result()
    answer = await gate(stage)
    assert answer.last_changed
    assert abs(time.time() - (answer.last_ended_at or 0)) < 5
    assert await gate(stage, handle.result_run_id or "") == GateAnswer()


async def test_a_run_that_was_aborted_before_its_first_step_has_changed_nothing(stage: Stage) -> None:
    """It ended, and left everything as it was."""
    handle = await run(stage, runbook(name=name_of(stage), policy=ASKED))
    await reached(handle, Phase.AWAITING_APPROVAL)
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    await handle.result()
    answer = await gate(stage)
    assert answer.last_ended_at is not None
    assert not answer.last_changed


async def test_a_run_that_was_terminated_in_a_step_may_have_changed_something(stage: Stage) -> None:
    """It left no result: its last phase tells."""
    stage.world.faults["promote.postgres"] = failing(99, ErrorType.WRONG_STATE)
    handle = await run(stage)
    await reached(handle, Phase.WAITING_FOR_PERSON)
    await handle.terminate()
    assert (await gate(stage)).last_changed


async def test_a_run_that_was_terminated_before_its_first_step_has_changed_nothing(stage: Stage) -> None:
    """It was still waiting for an approval."""
    handle = await run(stage, runbook(name=name_of(stage), policy=ASKED))
    await reached(handle, Phase.AWAITING_APPROVAL)
    await handle.terminate()
    assert not (await gate(stage)).last_changed


async def test_a_run_asks_about_the_one_before_it(stage: Stage) -> None:
    """While it is going itself, the listing tells."""
    first = await run(stage)
    await first.result()
    await listed(stage.client, first.id, 1)
    second = await run(stage, runbook(name=name_of(stage), policy=ASKED))
    assert (await gate(stage, second.result_run_id or "")).last_changed
    await second.terminate()


async def test_the_kill_switch_of_a_runbook_stands_against_its_runs(stage: Stage) -> None:
    """Who engaged it and why is in the sentence; released, nothing stands in the way."""
    switch = KillSwitch(by="ann", reason="the link is being repaired", at=time.time(), scope=name_of(stage))
    handle = await stage.client.start_workflow(
        KillSwitchRun.run, switch, id=kill_switch_id(switch.scope), task_queue=stage.queue
    )
    expected = f"the kill switch of {switch.scope} is engaged by ann: the link is being repaired"
    for _ in range(2):
        assert (await gate(stage)).kill_switch == expected
    await handle.signal(KillSwitchRun.release, Release(by="bob", reason="repaired", at=time.time()))
    state = await handle.result()
    assert (state.engaged.by, state.released and state.released.by) == ("ann", "bob")
    assert (await gate(stage)).kill_switch is None


async def test_a_kill_switch_started_by_hand_counts(stage: Stage) -> None:
    """Whatever it was started with: that it runs is what counts, whether a worker runs or not."""
    handle = await stage.client.start_workflow(
        "kill-switch", "stop!", id=kill_switch_id(name_of(stage)), task_queue="nobody"
    )
    expected = f"the kill switch of {name_of(stage)} is engaged by somebody unknown: no reason given"
    assert (await gate(stage)).kill_switch == expected
    await handle.terminate()


async def test_nobody_holds_a_free_lock(stage: Stage) -> None:
    """Neither one that never was, nor one that has ended."""
    name = name_of(stage)
    lock = await stage.client.start_workflow("lock", id=lock_id(name), task_queue="nobody")
    held: HolderAnswer = await ActivityEnvironment().run(Gate(stage.client).holder, HolderCall(name=name))
    assert held.holder is not None
    await lock.terminate()
    free = await ActivityEnvironment().run(Gate(stage.client).holder, HolderCall(name=name))
    assert free == HolderAnswer()
