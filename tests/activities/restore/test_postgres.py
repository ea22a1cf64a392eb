import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from lab.agents import Agents
from lab.backups import backups, files_of
from lab.disk import scratch_of
from lab.manager import running
from lab.regions import kill
from lab.topology import Lab, LabSpec
from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import ACTIVE, STANDBY, perform, refused
from tests.activities.machines import MACHINES, machine
from tests.lab.machine import ask, processes_of
from tests.lab.started import until

GOOD = [
    {"sql": "SELECT count(*) FROM passages", "at_least": 3},
    {"sql": "SELECT 7 * 6", "expect": "42"},
    {"sql": "SELECT true"},
]


@pytest_asyncio.fixture
async def backed_up(tmp_path: Path) -> AsyncIterator[Lab]:
    """A pair whose first backup was taken in the background."""
    async with running(LabSpec(home=tmp_path / "lab", parts=MACHINES, mode="asynchronous")) as lab:

        async def taken() -> bool:
            return bool(backups(lab))

        await until(taken)
        yield lab


async def restore(lab: Lab, **more: Any) -> StepResult:
    """In the standby's region."""
    return await perform("restore.postgres", machine(lab, STANDBY, **more), within=60)


async def test_the_newest_backup_is_restored_and_asked(backed_up: Lab) -> None:
    """While the region that it was taken in is dead; nothing of it is left."""
    await kill(backed_up, ACTIVE)
    result = await restore(backed_up, queries=GOOD)
    assert (result.changed, result.proved) == (False, True)
    answers = result.after["answers"]
    assert isinstance(answers, list)
    assert answers[1:] == ["42", "true"]
    assert 0 < float(str(result.after["backup_age"])) < 300
    scratch = scratch_of(backed_up.pgdata(STANDBY)).parent
    assert (scratch.exists(), processes_of(scratch)) == (False, [])
    assert await ask(backed_up, STANDBY, "SELECT pg_is_in_recovery()") == [(True,)]


async def test_what_is_wrong_is_said(backed_up: Lab) -> None:
    """Old, or answering otherwise: each in a sentence."""
    bad = [{"sql": "SELECT 1", "expect": "2"}, {"sql": "SELECT count(*) FROM nowhere"}, {"sql": "SELECT 1 LIMIT 0"}]
    result = await restore(backed_up, queries=[*bad, {"sql": "DELETE FROM passages"}], max_age=0.001)
    assert (result.changed, result.proved) == (False, False)
    for words in ("s are allowed", "'2' was expected", '"nowhere" does not exist', "no row", "read-only transaction"):
        assert words in result.reason


async def test_a_broken_backup_is_found(backed_up: Lab) -> None:
    """One whose files are gone does not start, and that is said."""
    broken = files_of(backed_up, backups(backed_up)[0].name)
    (broken / "global" / "pg_control").unlink()
    result = await restore(backed_up)
    assert (result.changed, result.proved) == (False, False)
    assert "cannot be restored" in result.reason
    assert not scratch_of(backed_up.pgdata(STANDBY)).parent.exists()


async def test_the_check_only_looks(backed_up: Lab) -> None:
    """The age of the newest one, without restoring it; each backup of the same region is a new one."""
    before = await perform("restore.postgres.check", machine(backed_up, STANDBY))
    assert (before.proved, before.before["backup"]) == (True, backups(backed_up)[0].name)
    await Agents(backed_up).back_up(backed_up.region(STANDBY))

    async def two() -> bool:
        return len(backups(backed_up)) == 2

    await until(two)
    after = await perform("restore.postgres.check", machine(backed_up, ACTIVE))
    assert str(after.before["backup"]).endswith(STANDBY)
    assert (await restore(backed_up, queries=GOOD)).proved is True


async def test_one_copy_at_a_time(backed_up: Lab) -> None:
    """Whoever comes second is told to come again, and removes nothing of the first."""
    settings = machine(backed_up, STANDBY, queries=[{"sql": "SELECT pg_sleep(2)"}])
    first = asyncio.create_task(perform("restore.postgres", settings, within=60))

    async def runs() -> bool:
        return scratch_of(backed_up.pgdata(STANDBY)).exists()

    await until(runs)
    await refused("rehearse.postgres", machine(backed_up, STANDBY), ErrorType.BUSY, step="other", within=60)
    assert (await first).proved is True
