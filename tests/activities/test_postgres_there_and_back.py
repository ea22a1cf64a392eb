"""The database's whole story, act by act: lost rows are found, and both sides are equal again."""

import json
from pathlib import Path

from lab.manager import running
from lab.regions import heal, kill
from lab.topology import Lab, LabSpec
from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.activities.conftest import caught_up
from tests.activities.machines import MACHINES, machine, mute, replicated, rows
from tests.lab.machine import ask
from tests.lab.started import until

FIRST, SECOND, THIRD = 7, 8, 9
"""The epochs of the three decisions."""


async def insert(lab: Lab, region: str, first: int, last: int) -> None:
    """Rows of the application, each committed by itself."""
    for number in range(first, last + 1):
        await ask(lab, region, f"INSERT INTO written VALUES ({number})")


async def test_failover_orphans_failback_identical_data(tmp_path: Path) -> None:
    """Killed with rows that were never copied: found in a file; rebuilt, compared, led home; nothing else is lost."""
    async with running(LabSpec(home=tmp_path / "lab", parts=MACHINES, mode="asynchronous")) as lab:
        await until(lambda: caught_up(lab))
        await ask(lab, ACTIVE, "CREATE TABLE written (n int PRIMARY KEY)")
        await insert(lab, ACTIVE, 1, 10)
        await replicated(lab, ACTIVE, STANDBY)
        mute(lab, ACTIVE, to=STANDBY)
        await insert(lab, ACTIVE, 11, 13)
        await kill(lab, ACTIVE)
        await _fail_over(lab)
        await insert(lab, STANDBY, 101, 110)
        await heal(lab, ACTIVE)
        await _rebuild(lab, tmp_path)
        await insert(lab, STANDBY, 111, 120)
        await _go_home(lab)
        await insert(lab, ACTIVE, 121, 130)
        await _same(lab, STANDBY, ACTIVE)
        expected = [*range(1, 11), *range(101, 131)]
        assert (await rows(lab, ACTIVE), await rows(lab, STANDBY)) == (expected, expected)


async def _fail_over(lab: Lab) -> None:
    assert (await perform("fence.postgres", machine(lab, ACTIVE), epoch=FIRST)).proved
    await perform("promote.postgres", machine(lab, STANDBY), epoch=FIRST, within=20)


async def _rebuild(lab: Lab, home: Path) -> None:
    """The first half of a failback: salvage, reseed, catch up, compare."""
    settings = machine(lab, ACTIVE, STANDBY)
    found = await perform("salvage.postgres", settings, home=home, epoch=SECOND, within=60)
    assert (found.proved, found.after["commits"], found.after["tables"]) == (False, 3, {"public.written": 3})
    lines = (home / "orphans" / "run-1" / "it.jsonl").read_text().splitlines()
    assert [json.loads(line)["row"]["n"] for line in lines] == [11, 12, 13]
    rebuilt = await perform("reseed.postgres", settings, epoch=SECOND, within=60)
    assert "it was rewound" in rebuilt.reason
    await perform("catch_up.postgres", settings | {"within_bytes": 1 << 20}, epoch=SECOND, within=20)
    await _same(lab, ACTIVE, STANDBY)


async def _go_home(lab: Lab) -> None:
    """The second half: a switchover, after which the other side follows."""
    there = machine(lab, ACTIVE, STANDBY)
    assert (await perform("fence.postgres", machine(lab, STANDBY), epoch=THIRD)).proved
    await perform("catch_up.postgres", there | {"exact": True}, epoch=THIRD, within=20)
    promoted = await perform("promote.postgres", there, epoch=THIRD, within=20)
    assert "was replayed, up to" in promoted.reason
    await perform("reseed.postgres", machine(lab, STANDBY, ACTIVE), epoch=THIRD, within=60)


async def _same(lab: Lab, standby: str, upstream: str) -> None:
    await perform("catch_up.postgres", machine(lab, standby, upstream, exact=True), within=20)
    compared = await perform("compare.postgres", machine(lab, standby, upstream), within=20)
    assert compared.proved, compared.reason
