"""The worker is SIGKILLed in the middle of a look (what it asks is frozen, so the middle lasts), and of a wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from lab.freezing import freeze, thaw
from lab.processes import Processes
from lab.regions import kill
from lab.topology import DATABASE
from runbooks.runs import Decision, DecisionKind, Outcome, Phase, RunState
from tests.kill.scene import SOURCE, TARGET, Scene, Writers, scene, seen

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]


async def at_work(handle: WorkflowHandle[Any, Any], *uses: str, done: str = "") -> None:
    """Wait until all these activities are being worked on, and the one named in `done` no more."""
    while True:
        pending = {
            one.activity_type.name
            for one in (await handle.describe()).raw_description.pending_activities
            if one.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
        }
        if pending.issuperset(uses) and done not in pending:
            return
        await asyncio.sleep(0.02)


async def until(handle: WorkflowHandle[Any, Any], phase: Phase) -> RunState:
    """The state once the run is in the phase."""
    while True:
        with suppress(RPCError, WorkflowQueryFailedError):  # a worker that has just begun may be too slow: ask again
            state: RunState = await handle.query("state", result_type=RunState)
            if state.phase == phase:
                return state
        await asyncio.sleep(0.05)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Scene]:
    """A lab whose runbook asks for one approval."""
    async with scene(tmp_path, approvals=1) as found:
        yield found


async def test_a_death_while_it_looks_or_waits_is_survived(stage: Scene) -> None:
    """Killed in the middle of a look, and while a person is awaited: the run ends recovered, with one writer."""
    lab = stage.lab
    await kill(lab, SOURCE)
    async with Writers(lab).watching() as writers:
        frozen = list(Processes(lab).family(TARGET, DATABASE))
        assert frozen
        freeze(frozen)
        stage.hire()
        handle = await stage.start()
        async with stage.patient_person(handle):
            await at_work(handle, "detect.postgres")
            stage.kill()
            thaw(frozen)
            stage.hire()
            state = await until(handle, Phase.AWAITING_APPROVAL)
            stage.kill()
            await _approve_while_nobody_works(handle, state.checksum)
            stage.hire()
            await _approve_what_is_planned_anew(handle)
            final = await stage.end(handle, within=200)
    assert final.outcome == Outcome.RECOVERED, stage.log()
    regions = {region.name: region for region in (await seen(stage)).regions}
    assert (
        regions[TARGET].database,
        regions[TARGET].timeline,
        regions[TARGET].replicas_ready,
    ) == ("primary", 2, 2)
    assert writers.overlap() == 0.0


async def _approve_while_nobody_works(handle: WorkflowHandle[Any, Any], checksum: str) -> None:
    """A decision is durable although no worker runs to hear it."""
    said = Decision(id="yes", kind=DecisionKind.APPROVE, by="bob", at=0.0, checksum=checksum)
    await handle.signal("decide", said)


async def _approve_what_is_planned_anew(handle: WorkflowHandle[Any, Any]) -> None:
    """The approval came late, so more may be lost than it was given for: the run asks again, and is answered."""
    answered: set[str] = set()
    while True:
        with suppress(RPCError, WorkflowQueryFailedError):
            state = await handle.query("state", result_type=RunState, rpc_timeout=timedelta(seconds=2))
            if state.phase not in (Phase.AWAITING_APPROVAL, Phase.OBSERVING, Phase.PLANNING):
                return
            if state.phase == Phase.AWAITING_APPROVAL and state.checksum not in answered:
                answered.add(state.checksum)
                said = Decision(
                    id=f"yes-{len(answered)}", kind=DecisionKind.APPROVE, by="bob", at=0.0, checksum=state.checksum
                )
                await handle.signal("decide", said)
        await asyncio.sleep(0.05)
