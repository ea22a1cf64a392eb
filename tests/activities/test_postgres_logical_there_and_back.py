"""A database of logical replication, there and back home, by an administrator with a managed service's rights."""

from pathlib import Path

from tests.activities.calls import perform
from tests.conformance.bent import Bend, Ways
from tests.conformance.wires import Postgres
from tests.postgres_logical.world import AWAY, HOME, Twins

FIRST, SECOND, THIRD = 7, 8, 9
"""The epochs of the three decisions."""


async def move(twins: Twins, source: str, target: str, epoch: int) -> None:
    """A planned move, as a plan has it."""
    there = twins.settings(target, source)
    assert (await perform("fence.postgres_logical", twins.settings(source), epoch=epoch)).proved
    await perform("catch_up.postgres_logical", {**there, "exact": True}, epoch=epoch, within=20)
    promoted = await perform("promote.postgres_logical", there, epoch=epoch, within=30)
    assert "everything of" in promoted.reason, promoted.reason
    assert "was dropped at" in promoted.reason, promoted.reason
    turned = await perform("reseed.postgres_logical", twins.settings(source, target), epoch=epoch, within=60)
    assert turned.reason.startswith("Nothing had to be copied: both had the same rows when it was left.")


async def test_there_and_home_again(twins: Twins) -> None:
    """Rows of before and after are on both sides, sequences go on without a clash, and nobody can write twice."""
    await twins.write(HOME, "second")
    await move(twins, HOME, AWAY, FIRST)
    await twins.write(AWAY, "third", "fourth")
    await twins.copied(AWAY, HOME)
    await move(twins, AWAY, HOME, SECOND)
    await twins.write(HOME, "fifth")
    await twins.copied(HOME, AWAY)
    compared = await perform("compare.postgres_logical", twins.settings(AWAY, HOME), within=30)
    assert compared.proved, compared.reason
    assert await twins.words(HOME) == ["fifth", "first", "fourth", "second", "third"]


async def test_out_of_a_dead_region_and_home_again(twins: Twins, bent_ways: Ways, tmp_path: Path) -> None:
    """What was never copied is saved in a file; the former primary is emptied, copied anew, and proved equal."""
    place = twins.lab.region(HOME)
    way = bent_ways.to(place.address, place.postgres_port, Postgres)
    await twins.ask(AWAY, f"ALTER SUBSCRIPTION {twins.name} CONNECTION '{twins.way('127.0.0.1', way.port)}'", "admin")
    way.bend(Bend("refuse"))
    await twins.ask(HOME, "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE active")
    await twins.write(HOME, "lost")
    dead = twins.settings(HOME, host="127.0.0.1", port=way.port)
    assert not (await perform("fence.postgres_logical", dead, epoch=FIRST, within=10)).proved
    await perform("promote.postgres_logical", twins.settings(AWAY), epoch=FIRST, within=30)
    await twins.write(AWAY, "second")
    there = twins.settings(HOME, AWAY)
    await perform("fence.postgres_logical", twins.settings(HOME), epoch=SECOND, within=20)
    saved = await perform("salvage.postgres_logical", there, home=tmp_path, epoch=SECOND, within=30)
    assert (saved.proved, saved.after["tables"]) == (False, {"public.counted": 1, "public.written": 1})
    await perform("reseed.postgres_logical", there, epoch=SECOND, within=60)
    await perform("catch_up.postgres_logical", {**there, "within_bytes": 1 << 20}, epoch=SECOND, within=20)
    compared = await perform("compare.postgres_logical", there, epoch=SECOND, within=30)
    assert compared.proved, compared.reason
    await move(twins, AWAY, HOME, THIRD)
    await twins.write(HOME, "third")
    assert await twins.words(HOME) == ["first", "second", "third"]
