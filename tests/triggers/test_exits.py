"""Every exit code, as a script sees it."""

import asyncio
import os
import signal

import pytest

from runbooks.runs import Phase
from tests.triggers.conftest import UNREACHABLE, Door, ended
from triggers.cli.exits import MEANING, OF_OUTCOME, Exit

ASK = {"failover": {"approval": {"count": 1}}}


def test_the_codes_are_a_promise() -> None:
    """Scripts depend on these numbers: they are never renumbered, and each is explained."""
    assert {code.name: code.value for code in Exit} == {
        "DONE": 0,
        "FAILED": 1,
        "USAGE": 2,
        "INVALID": 3,
        "REFUSED": 4,
        "TIMED_OUT": 5,
        "NO_TEMPORAL": 6,
        "WAITING": 8,
        "INTERNAL": 70,
        "INTERRUPTED": 130,
        "PIPE_CLOSED": 141,
    }
    assert set(MEANING) == set(Exit)
    assert {str(outcome): int(code) for outcome, code in OF_OUTCOME.items()} == {
        "recovered": 0,
        "completed": 0,
        "superseded": 1,
        "applied-not-confirmed": 1,
        "aborted": 1,
        "refused": 4,
        "rejected": 4,
        "expired": 5,
    }


async def test_0_when_the_system_is_recovered(door: Door) -> None:
    """The command follows the run to its end and says how long it took."""
    ran = await door.failover("--reason", "the region is gone")
    assert (ran.code, door.world.primary) == (0, {"eu-west-1"})
    assert ran.out.splitlines()[-1].startswith(f"recovered: {door.name} serves from eu-west-1")
    assert "within the RTO of 1 min" in ran.out


async def test_1_when_it_is_aborted(door: Door) -> None:
    """A run that a person stopped did not recover the system."""
    following = asyncio.create_task(door.failover(policy=ASK))
    await _started(door)
    await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    assert (await door.evac("abort", door.name)).code == 0
    ran = await following
    assert ran.code == 1
    assert ran.out.splitlines()[-1].startswith("aborted: ann aborted the run")


async def test_2_when_nobody_can_be_asked(door: Door) -> None:
    """Without a terminal and without --yes nothing is started."""
    ran = await door.evac("failover", door.file(), "--from", "us-east-1")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("evac: say --yes to start the failover")


async def test_2_for_a_region_that_is_not_there(door: Door) -> None:
    """A typing error in a region's name starts nothing and lists the regions."""
    ran = await door.evac("failover", door.file(), "--from", "us-east-9", "--yes")
    assert (ran.code, "its regions are us-east-1, eu-west-1" in ran.err) == (2, True)


async def test_3_for_a_runbook_with_faults(door: Door) -> None:
    """Every fault is said with its place, and nothing is started."""
    path = door.home / "broken.yaml"
    path.write_text("evac: 1\nname: broken\ncolour: red\n")
    ran = await door.evac("failover", str(path), "--from", "a", "--yes")
    assert (ran.code, ran.out) == (3, "")
    assert f"{path}:3:1: " in ran.err
    assert ran.err.splitlines()[-1].endswith("nothing was done")


async def test_4_when_the_region_is_not_down(door: Door) -> None:
    """Evac refuses to leave a region that the vantage points see alive."""
    door.world.dead = set()
    ran = await door.failover()
    assert (ran.code, door.world.acts) == (4, [])
    assert "is not confirmed down" in ran.out


async def test_no_wait_tells_of_a_run_that_is_over_already(door: Door) -> None:
    """What was refused at once must not be taken for something that goes on."""
    door.world.dead = set()
    while (ran := await door.failover("--no-wait")).code == 0:
        pass  # a busy machine: it was not over within the moment that --no-wait looks
    assert ran.code == 4
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == ["started", "refused"]


async def test_4_when_a_person_rejects_the_plan(door: Door) -> None:
    """A rejected run exits like a refused one."""
    following = asyncio.create_task(door.failover(policy=ASK))
    await _started(door)
    await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    assert (await door.evac("reject", door.name, "--reason", "not tonight")).code == 0
    ran = await following
    assert (ran.code, "not tonight" in ran.out) == (4, True)


async def test_5_when_nobody_approves_in_time(door: Door) -> None:
    """An approval that expires is a matter of time."""
    ran = await door.failover(policy={"failover": {"approval": {"count": 1, "timeout": "300ms"}}})
    assert (ran.code, door.world.acts) == (5, [])


async def test_5_when_following_takes_too_long(door: Door) -> None:
    """The timeout ends the following, not the run."""
    door.world.pauses["promote.postgres"] = asyncio.Event()
    ran = await door.failover("--timeout", "1s")
    assert ran.code == 5
    assert f"goes on; `evac watch {door.name}` follows it again" in ran.err
    door.world.pauses["promote.postgres"].set()
    await door.until(lambda state: state.phase is Phase.ENDED)
    assert door.world.primary == {"eu-west-1"}


async def test_6_when_temporal_cannot_be_reached(door: Door) -> None:
    """One sentence says what was tried and what to do; there is no stack trace."""
    ran = await door.evac("status", TEMPORAL_ADDRESS=UNREACHABLE)
    assert (ran.code, ran.out) == (6, "")
    assert ran.err.startswith(f"evac: Temporal cannot be reached at {UNREACHABLE}")
    assert "evac worker --embedded" in ran.err
    assert "Traceback" not in ran.err


async def test_debug_shows_where_a_fault_is(door: Door) -> None:
    """EVAC_DEBUG=1 adds the stack trace."""
    ran = await door.evac("status", TEMPORAL_ADDRESS=UNREACHABLE, EVAC_DEBUG="1")
    assert (ran.code, "Traceback" in ran.err) == (6, True)


async def test_6_when_no_worker_answers(lonely_door: Door) -> None:
    """The run is started and kept; the sentence says that a worker is missing."""
    ran = await lonely_door.failover("--no-wait")
    assert ran.code == 6
    assert ran.out.startswith(f"started: failover of {lonely_door.name}")
    assert "start one with `evac worker`" in ran.err
    status = await lonely_door.evac("status", lonely_door.name)
    assert (status.code, "no worker answers" in status.err) == (6, True)


async def test_8_when_a_person_is_awaited(door: Door) -> None:
    """With a timeout the command leaves a waiting run, and says how to answer."""
    ran = await door.failover("--timeout", "3s", policy=ASK)
    checksum = (await door.state()).checksum
    assert ran.code == 8
    assert f"evac approve {door.name} --plan {checksum[:8]}" in ran.out
    again = await door.failover("--no-wait", policy=ASK)
    assert (again.code, again.out.startswith("joined: ")) == (8, True)


async def test_8_of_a_run_that_was_only_started(door: Door) -> None:
    """It looks a moment longer, until it is known whether a person is awaited; who is not awaited is 0."""
    ran = await door.failover("--no-wait", policy=ASK)
    assert (ran.code, ran.out.startswith("started: ")) == (8, True)
    assert (await door.evac("reject", door.name)).code == 0
    assert (await door.failover("--no-wait")).code == 0


async def test_130_when_the_follower_leaves(door: Door) -> None:
    """Ctrl-C ends the following; the run goes on, and the sentence says how to come back."""
    process = await door.begin("failover", door.file(policy=ASK), "--from", "us-east-1", "--yes")
    await _line(process, "answer with")
    process.send_signal(signal.SIGINT)
    ran = await ended(process)
    assert ran.code == 130
    assert ran.err.splitlines()[-1] == (
        f"evac: no longer following; the run goes on by itself. Follow it again with `evac watch {door.name}`"
    )
    assert (await door.state()).phase is Phase.AWAITING_APPROVAL


async def test_141_when_the_reader_goes_away(door: Door) -> None:
    """`evac watch | head -1` ends quietly, as a program killed by SIGPIPE."""
    await door.failover("--no-wait", policy=ASK)
    process = await door.begin("watch", door.name)
    assert process.stdout is not None
    await process.stdout.readline()
    process.stdout._transport.close()  # type: ignore[attr-defined]  # the only way to close a pipe's reading end
    assert (await door.evac("abort", door.name)).code == 0
    assert process.stderr is not None
    err = await process.stderr.read()
    assert (await process.wait(), err) == (141, b"")


async def test_the_code_of_an_answer_that_nobody_reads_is_still_its_own(door: Door) -> None:
    """A short answer into a closed pipe is no failure."""
    reading, writing = os.pipe()
    os.close(reading)
    process = await asyncio.create_subprocess_exec(
        door.command, "version", stdout=writing, stderr=asyncio.subprocess.PIPE, env=door.environment()
    )
    os.close(writing)
    _, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")


@pytest.mark.timeout(120)
async def test_the_code_is_exact_every_time(door: Door) -> None:
    """After a Temporal client was used the interpreter's own exit aborts now and then: ours never does."""
    codes: list[int] = []
    for _ in range(15):
        pair = await asyncio.gather(door.evac("status"), door.evac("status", "nobody"))
        codes += [ran.code for ran in pair]
    assert codes == [0, 2] * 15


async def _started(door: Door) -> None:
    """Wait until Temporal knows the run."""
    while not [e async for e in door.client.list_workflows(f"WorkflowId = 'evac/{door.name}'")]:
        await asyncio.sleep(0.05)


async def _line(process: asyncio.subprocess.Process, text: str) -> str:
    """The first line of its output with the text in it."""
    assert process.stdout is not None
    while True:
        line = (await process.stdout.readline()).decode()
        if text in line:
            return line
        assert line, "it ended before it wrote that"
