from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from lab.disk import scratch_of
from lab.manager import running
from lab.topology import Lab, LabSpec
from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.activities.machines import MACHINES, machine
from tests.lab.machine import ask, processes_of


@pytest_asyncio.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Lab]:
    """A synchronous pair with its agents."""
    async with running(LabSpec(home=tmp_path / "lab", parts=MACHINES)) as lab:
        yield lab


async def test_a_copy_is_promoted_and_removed(pair: Lab) -> None:
    """The standby goes on following, its primary goes on writing, and nothing is left."""
    result = await perform("rehearse.postgres", machine(pair, STANDBY), within=60)
    assert (result.changed, result.proved, result.after["timeline"]) == (False, True, 2)
    seconds = result.after["seconds"]
    assert isinstance(seconds, dict)
    assert set(seconds) == {"copied", "promoted", "written"}
    scratch = scratch_of(pair.pgdata(STANDBY)).parent
    assert (scratch.exists(), processes_of(scratch)) == (False, [])
    await ask(pair, ACTIVE, "CREATE TABLE written (n int)")
    assert await ask(pair, STANDBY, "SELECT pg_is_in_recovery()") == [(True,)]
    assert await ask(pair, ACTIVE, "SELECT to_regclass('evac.rehearsal') IS NULL") == [(True,)]
    ready = await perform("rehearse.postgres.check", machine(pair, STANDBY))
    assert ready.proved is True
    assert (await perform("rehearse.postgres.check", machine(pair, ACTIVE))).proved is False
