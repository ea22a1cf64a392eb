"""The detector from the command line."""

import asyncio

from runbooks.runs import Phase
from tests.triggers.conftest import Door, ended
from tests.triggers.test_exits import _line


async def test_a_detector_is_armed_once_and_never_replaced_silently(door: Door) -> None:
    """The same detector again is no error; another one must be stopped for first."""
    door.world.dead = set()
    first = await door.evac("detect", door.file())
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith(f"armed: the detector of {door.name} starts a failover when a region is down")
    again = await door.evac("detect", door.file(), "-o", "json")
    assert (again.code, again.document["new"]) == (0, False)
    other = await door.evac("detect", door.file(), "--report-only")
    assert (other.code, f"stop it with `evac detect --stop {door.name}`" in other.err) == (4, True)
    assert (await door.evac("detect", "--stop", door.name)).out == f"stopped: the detector of {door.name}\n"
    assert (await door.evac("detect", "--stop", door.name)).code == 2


async def test_vantage_points_without_a_worker_are_named(lonely_door: Door) -> None:
    """Who arms a detector that nobody serves is told which voices are missing."""
    ran = await lonely_door.evac("detect", lonely_door.file(), "-o", "json")
    assert (ran.code, set(ran.document["deaf"])) == (0, {"us-east-1", "eu-west-1", "witness"})
    assert "no worker listens at witness" in ran.err
    stopped = await lonely_door.evac("detect", "--stop", lonely_door.name)
    assert (stopped.code, "will as soon as a worker runs" in stopped.err) == (6, True)


async def test_watch_shows_the_detector_and_then_the_run_that_it_starts(door: Door) -> None:
    """An operator who waits sees the region go down and the recovery, and gets the run's code."""
    door.world.dead = set()
    await door.evac("detect", door.file())
    process = await door.begin("watch", door.name)
    await _line(process, "us-east-1 from witness: healthy")
    door.world.dead = {"us-east-1"}
    ran = await ended(process)
    assert (ran.code, door.world.primary) == (0, {"eu-west-1"})
    assert "us-east-1 is down as seen from" in ran.out or "recovered" in ran.out
    assert ran.out.splitlines()[-1].startswith("recovered: ")
    detector = await door.evac("status", door.name, "-o", "json")
    assert detector.document["run"]["triggers"][0]["kind"] == "watch"
    assert detector.document["detector"]["run"]


async def test_watch_without_anything_to_follow_says_so(lonely_door: Door) -> None:
    """No run and no detector: nothing will ever be seen, so the command ends."""
    ran = await lonely_door.evac("watch", lonely_door.name)
    assert (ran.code, ran.err.startswith("evac: nothing to follow: no run of")) == (2, True)


async def test_detect_needs_one_of_file_and_stop(lonely_door: Door) -> None:
    """Neither, or both, is a usage error."""
    assert (await lonely_door.evac("detect")).code == 2
    assert (await lonely_door.evac("detect", lonely_door.file(), "--stop", "x")).code == 2


async def test_two_failovers_at_the_same_moment_are_one_run(door: Door) -> None:
    """One starts it, the other joins it; both see its end."""
    ask = {"failover": {"approval": {"count": 1}}}
    both = asyncio.gather(door.failover("-o", "json", policy=ask), door.failover("-o", "json", policy=ask))
    while not [e async for e in door.client.list_workflows(f"WorkflowId = 'evac/{door.name}'")]:
        await asyncio.sleep(0.05)
    state = await door.until(lambda s: s.phase is Phase.AWAITING_APPROVAL and len(s.triggers) == 2)
    await door.evac("approve", door.name, "--plan", state.checksum, EVAC_ACTOR="ben")
    first, second = await both
    assert (first.code, second.code) == (0, 0)
    assert first.document["run"]["run"] == second.document["run"]["run"]
    assert sorted(ran.err.partition(":")[0] for ran in (first, second)) == ["joined", "started"]


async def test_a_failover_out_of_another_region_is_refused_while_one_goes_on(door: Door) -> None:
    """There is one run at a time: the second is not quietly turned into the first."""
    ask = {"failover": {"approval": {"count": 1}}}
    await door.failover("--no-wait", policy=ask)
    for more in ("--no-wait", "--wait"):
        ran = await door.evac("failover", door.file(policy=ask), "--from", "eu-west-1", "--yes", more)
        assert (ran.code, ran.out) == (4, "")
        assert "out of us-east-1 is going (asked by ann)" in ran.err
