import asyncio

from lab.regions import kill
from lab.topology import Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY, perform, postgres, refused
from tests.lab.machine import ask


def pairs(lab: Lab, **more: object) -> dict[str, object]:
    """The standby, and the primary that it follows."""
    return postgres(lab, STANDBY, upstream=postgres(lab, ACTIVE), **more)


async def test_what_was_committed_before_is_there_after(calm_pair: Lab) -> None:
    """Exactly the upstream's end: rows written just before are read from the standby at once; twice the same."""
    await ask(calm_pair, ACTIVE, "CREATE TABLE written AS SELECT generate_series(1, 20000) AS n")
    result = await perform("catch_up.postgres", pairs(calm_pair, exact=True))
    assert await ask(calm_pair, STANDBY, "SELECT count(*) FROM written") == [(20000,)]
    again = await perform("catch_up.postgres", pairs(calm_pair, exact=True))
    assert [(r.changed, r.after["behind_bytes"]) for r in (result, again)] == [(False, 0), (False, 0)]
    await ask(calm_pair, ACTIVE, "DROP TABLE written")


async def test_commits_that_are_not_flushed_yet_are_waited_for(calm_pair: Lab) -> None:
    """A commit that does not wait for the disk counts as well: the end is that of what was inserted."""
    await ask(calm_pair, ACTIVE, "CREATE TABLE written (n int)")
    await ask(calm_pair, ACTIVE, "SET synchronous_commit = off; INSERT INTO written VALUES (1)")
    await perform("catch_up.postgres", pairs(calm_pair, exact=True))
    assert await ask(calm_pair, STANDBY, "SELECT n FROM written") == [(1,)]
    await ask(calm_pair, ACTIVE, "DROP TABLE written")


async def test_it_waits_for_a_standby_that_is_behind(calm_pair: Lab) -> None:
    """Replay that was paused goes on, and the step ends when the standby is there."""
    await ask(calm_pair, STANDBY, "SELECT pg_wal_replay_pause()")
    await ask(calm_pair, ACTIVE, "CREATE TABLE written AS SELECT generate_series(1, 1000) AS n")
    waiting = asyncio.create_task(perform("catch_up.postgres", pairs(calm_pair, exact=True)))
    near = await perform("catch_up.postgres", pairs(calm_pair, within_bytes=10**9))
    assert "which is near enough" in near.reason
    assert not waiting.done()
    await ask(calm_pair, STANDBY, "SELECT pg_wal_replay_resume()")
    assert (await waiting).after["behind_bytes"] == 0
    await ask(calm_pair, ACTIVE, "DROP TABLE written")


async def test_a_primary_follows_nobody(calm_pair: Lab) -> None:
    """Neither the region's server nor its upstream may have the wrong role: a person must look."""
    twisted = postgres(calm_pair, ACTIVE, upstream=postgres(calm_pair, STANDBY))
    assert "is a standby itself" in await refused("catch_up.postgres", twisted, ErrorType.WRONG_STATE)
    itself = postgres(calm_pair, ACTIVE, upstream=postgres(calm_pair, ACTIVE))
    assert "is a primary" in await refused("catch_up.postgres", itself, ErrorType.WRONG_STATE)


async def test_an_upstream_that_is_down_is_unreachable(pair: Lab) -> None:
    """Nobody can say what it has written: worth a retry, and then a person decides."""
    await kill(pair, ACTIVE)
    assert "nothing listens" in await refused("catch_up.postgres", pairs(pair, exact=True), ErrorType.UNREACHABLE)
    assert (await perform("catch_up.postgres.check", pairs(pair))).proved is False
