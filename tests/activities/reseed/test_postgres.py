from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from lab.disk import rebuilding, role_on_disk
from lab.manager import running
from lab.regions import heal, kill
from lab.switches import Switches
from lab.topology import Lab, LabSpec
from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, refused
from tests.activities.conftest import caught_up
from tests.activities.machines import MACHINES, machine, mute, replicated, rows
from tests.lab.machine import ask
from tests.lab.started import until

THIRD = "ap-southeast-1"


@pytest_asyncio.fixture
async def failed_over(tmp_path: Path) -> AsyncIterator[Lab]:
    """The primary was killed, switched off, and replaced; its region is back, its database is not."""
    async with running(LabSpec(home=tmp_path / "lab", parts=MACHINES, mode="asynchronous")) as lab:
        await until(lambda: caught_up(lab))
        await ask(lab, ACTIVE, "CREATE TABLE written (n int)")
        await replicated(lab, ACTIVE, STANDBY)
        await kill(lab, ACTIVE)
        await perform("fence.postgres", machine(lab, ACTIVE))
        await perform("promote.postgres", machine(lab, STANDBY))
        await heal(lab, ACTIVE)
        yield lab


async def reseed(settings: dict[str, Any], **more: Any) -> StepResult:
    """Rebuild it; that takes longer than other steps."""
    return await perform("reseed.postgres", settings, within=60, **more)


async def test_a_former_primary_follows_its_successor(failed_over: Lab) -> None:
    """Rewound, with power again, it gets each new row, and the upstream's commits wait for it; twice the same.

    Without an agent it cannot be, and a standby is not followed.
    """
    settings = machine(failed_over, ACTIVE, STANDBY, synchronous=True)
    unmanned = settings | {"agent": None}
    assert "has no database agent" in await refused("reseed.postgres", unmanned, ErrorType.BAD_SETTINGS)
    result = await reseed(settings)
    assert (result.changed, result.proved) == (True, True)
    assert "it was rewound" in result.reason
    assert Switches(failed_over.home).read(f"vector-db.{ACTIVE}").state == "on"
    await ask(failed_over, STANDBY, "INSERT INTO written VALUES (1)")
    await perform("catch_up.postgres", machine(failed_over, ACTIVE, STANDBY, exact=True))
    assert await rows(failed_over, ACTIVE) == [1]
    names = await ask(failed_over, STANDBY, "SHOW synchronous_standby_names")
    assert names == [(f'FIRST 1 ("vector-db.{ACTIVE}")',)]
    again = await reseed(settings, epoch=EPOCH + 1)
    assert (again.changed, again.proved) == (False, True)
    assert "streams from" in again.reason
    twisted = machine(failed_over, STANDBY, ACTIVE)
    assert "promote it first" in await refused("reseed.postgres", twisted, ErrorType.WRONG_STATE, epoch=EPOCH + 1)


async def test_the_way_home_loses_nothing(failed_over: Lab) -> None:
    """Fenced by SQL, caught up, promoted, and rebuilt again: the fence is lifted from what follows now."""
    await reseed(machine(failed_over, ACTIVE, STANDBY))
    await ask(failed_over, STANDBY, "INSERT INTO written VALUES (1)")
    await perform("fence.postgres", machine(failed_over, STANDBY))
    await perform("catch_up.postgres", machine(failed_over, ACTIVE, STANDBY, exact=True))
    await perform("promote.postgres", machine(failed_over, ACTIVE))
    result = await reseed(machine(failed_over, STANDBY, ACTIVE))
    assert result.changed
    await ask(failed_over, ACTIVE, "INSERT INTO written VALUES (2)")
    await perform("catch_up.postgres", machine(failed_over, STANDBY, ACTIVE, exact=True))
    assert await rows(failed_over, STANDBY) == [1, 2]
    hba = failed_over.pgdata(STANDBY) / "pg_hba.conf"
    assert not hba.read_text().startswith("# Fenced by Evac")
    assert not hba.with_name("pg_hba.conf.before-evac").exists()
    assert await ask(failed_over, STANDBY, "SHOW default_transaction_read_only") == [("off",)]


async def test_a_rebuild_that_was_interrupted_is_a_new_copy(failed_over: Lab) -> None:
    """Half rewound files are not trusted: until it is copied, nobody can start them."""
    rebuilding(failed_over.pgdata(ACTIVE)).touch()
    switch = Switches(failed_over.home)
    switch.set(f"vector-db.{ACTIVE}", "on", EPOCH)
    told = await heal(failed_over, ACTIVE)
    assert any("is half rebuilt" in sentence for sentence in told)
    result = await reseed(machine(failed_over, ACTIVE, STANDBY))
    assert "it was copied anew" in result.reason
    assert role_on_disk(failed_over.pgdata(ACTIVE)).role == "standby"


async def test_the_third_region_follows_the_new_primary(tmp_path: Path) -> None:
    """A standby that has nothing of its own is only pointed at it; one that got more than the heir is rewound."""
    async with running(LabSpec(home=tmp_path / "lab", regions=3, parts=MACHINES, mode="asynchronous")) as lab:
        await until(lambda: caught_up(lab))
        await ask(lab, ACTIVE, "CREATE TABLE written (n int)")
        for region in (STANDBY, THIRD):
            await replicated(lab, ACTIVE, region)
        await kill(lab, ACTIVE)
        await perform("fence.postgres", machine(lab, ACTIVE))
        await perform("promote.postgres", machine(lab, STANDBY))
        result = await reseed(machine(lab, THIRD, STANDBY))
        assert "it was pointed at it" in result.reason
        await heal(lab, ACTIVE)
        await reseed(machine(lab, ACTIVE, STANDBY))
        mute(lab, STANDBY, to=THIRD)
        await ask(lab, STANDBY, "INSERT INTO written VALUES (1)")
        await replicated(lab, STANDBY, ACTIVE)
        await kill(lab, STANDBY)
        await perform("promote.postgres", machine(lab, THIRD))
        result = await reseed(machine(lab, ACTIVE, THIRD))
        assert "it was rewound" in result.reason
        await ask(lab, THIRD, "INSERT INTO written VALUES (2)")
        await perform("catch_up.postgres", machine(lab, ACTIVE, THIRD, exact=True))
        assert await rows(lab, ACTIVE) == [2]
