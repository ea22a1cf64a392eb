"""Drills, readiness reports, restore tests and evacuations from the command line."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from runbooks.drills import DrillPhase
from runbooks.steps import StepResult
from tests.triggers.booth import WRONG, Booth, opened
from tests.triggers.conftest import ended
from tests.triggers.test_exits import _line
from tests.workflows.composite_world import AWAY, HOME
from tests.workflows.fake_runs import Script
from tests.workflows.world import runbook


@pytest_asyncio.fixture
async def booth(temporal: str, tmp_path: Path) -> AsyncIterator[Booth]:
    """Workers with the real composite workflows."""
    async with opened(temporal, tmp_path) as made:
        yield made


async def test_a_drill_that_passes_is_0(booth: Booth) -> None:
    """It goes out, soaks and comes home while it is followed; the last line has the measured times."""
    ran = await booth.evac("drill", booth.file(), "--soak", "1s", "--yes")
    assert ran.code == 0
    assert "Nothing" in ran.out or f"serves from {AWAY}" in ran.out
    assert ran.out.splitlines()[-1].startswith("passed: The drill passed [recovered in ")
    assert booth.stage.systems.serves[booth.door.name] == HOME
    shown = await booth.evac("status", booth.door.name)
    assert "PASSED  The drill passed" in shown.out


async def test_a_drill_that_moves_nothing_is_refused(booth: Booth) -> None:
    """As JSON it is one document with the whole state."""
    booth.stage.systems.scripts[booth.door.name] = [WRONG]
    ran = await booth.evac("drill", booth.file(), "--yes", "-o", "json")
    assert (ran.code, ran.document["drill"]["outcome"]) == (4, "refused")
    assert "the standby cannot be seen" in ran.err


async def test_a_full_drill_is_asked_for_an_isolated_one_is_not(booth: Booth) -> None:
    """What moves nothing that is in use needs no yes."""
    ran = await booth.evac("drill", booth.file())
    assert (ran.code, ran.err.startswith("evac: say --yes to start the full drill")) == (2, True)
    ran = await booth.evac("drill", booth.file(), "--isolated")
    assert (ran.code, booth.stage.systems.began) == (0, [f"{booth.door.name}:drill"])


async def test_an_abort_reaches_the_run_or_else_the_drill(booth: Booth) -> None:
    """While it serves away from home there is no run: the drill itself goes home."""
    await booth.evac("drill", booth.file(), "--soak", "1h", "--yes", "--no-wait")
    await booth.drilling(DrillPhase.SOAK)
    shown = await booth.evac("status", booth.door.name)
    assert f"it serves from {AWAY}; home in " in shown.out
    ran = await booth.evac("abort", booth.door.name, "--reason", "enough")
    assert (ran.code, ran.out.startswith("abort by ann counts.")) == (0, True)
    over = await booth.drilling(DrillPhase.ENDED)
    assert (over.outcome, booth.stage.systems.serves[booth.door.name]) == ("aborted", HOME)


async def test_watch_follows_the_drill_and_its_runs(booth: Booth) -> None:
    """Whoever watches a runbook sees the drill that goes on; the code is the drill's."""
    booth.stage.systems.scripts[booth.door.name] = [Script(holds=True)]
    await booth.evac("drill", booth.file(), "--yes", "--no-wait")
    watching = await booth.door.begin("watch", booth.door.name)
    await _line(watching, "A drill of")
    shown = await booth.evac("status")
    assert f"{booth.door.name}  drill" in shown.out
    handle = booth.stage.client.get_workflow_handle(f"evac/{booth.door.name}")
    await handle.signal("decide", {"id": "1", "kind": "abort", "by": "ben", "at": 0})
    ran = await ended(watching)
    assert ran.code == 1
    assert ran.out.splitlines()[-1].startswith("aborted: ben aborted the run")


async def test_a_drill_is_put_on_a_schedule_and_taken_off(booth: Booth) -> None:
    """Nothing is started by that; the status lists it."""
    ran = await booth.evac("drill", booth.file(), "--every", "7d", "--isolated")
    assert (ran.code, ran.out.startswith(f"scheduled: a drill of {booth.door.name} every 7 d")) == (0, True)
    assert booth.stage.systems.began == []
    shown = await booth.evac("status", booth.door.name)
    assert f"Scheduled: drill of {booth.door.name}, next " in shown.out
    assert (await booth.evac("drill", booth.file(), "--every", "1s")).code == 2
    assert (await booth.evac("drill", booth.file(), "--stop")).code == 0
    ran = await booth.evac("drill", booth.file(), "--stop")
    assert (ran.code, "there is no schedule of the drill" in ran.err) == (2, True)


async def test_readiness_says_the_worst_first(booth: Booth) -> None:
    """Not ready is 1: no drill was ever made. Asked for JSON it is the whole report."""
    ran = await booth.evac("readiness", booth.file())
    assert ran.code == 1
    grades = [line.split()[0] for line in ran.out.splitlines()[:-1] if line.split()[0] in {"bad", "unknown", "ok"}]
    assert (grades[0] in {"bad", "unknown"}, grades[-1]) == (True, "ok")
    assert ran.out.splitlines()[-1].startswith(f"not ready: {booth.door.name}, ")
    again = await booth.evac("readiness", booth.file(), "-o", "json")
    assert again.document["readiness"]["report"]["ready"] is False


async def test_a_restore_that_is_proved_is_0(booth: Booth) -> None:
    """The newest backup is restored and answers; one that is not there is 1."""
    resources = runbook().model_dump(mode="json", exclude_unset=True)["resources"]
    resources["vector-db"]["backup"] = {"max_age": "1d"}
    file = booth.file(resources=resources)
    assert (await booth.evac("restore-test", file)).code == 1
    proof = StepResult(changed=True, reason="2 questions were answered", after={"backup_age": 60.0})
    booth.stage.systems.restored["restore.postgres"] = proof
    ran = await booth.evac("restore-test", file)
    assert (ran.code, "2 questions were answered" in ran.out) == (0, True)
    assert (await booth.evac("restore-test", file, "--region", "mars")).code == 2


async def test_a_region_is_evacuated_by_a_folder(booth: Booth) -> None:
    """Every runbook in it that has the region; when the first one goes wrong a person is asked, and answers."""
    folder = booth.door.home / "books"
    folder.mkdir()
    for number in (1, 2):
        book = runbook(name=f"{booth.door.name}-{number}", priority=number)
        (folder / f"{number}.yaml").write_text(json.dumps(book.model_dump(mode="json", exclude_unset=True)))
    booth.stage.systems.scripts[f"{booth.door.name}-1"] = [WRONG]
    command = ("evacuate", HOME, str(folder), "--yes", "--gap", "0")
    ran = await booth.evac(*command, "--timeout", "4s")
    assert (ran.code, f"answer with: evac evacuate {HOME} --go-on" in ran.err) == (8, True)
    assert (await booth.evac("evacuate", HOME, "--go-on", "--reason", "seen")).code == 0
    ran = await booth.evac("watch", HOME)
    assert ran.code in {1, 2}  # it may have ended before it was followed
    shown = await booth.evac("status", HOME)
    assert f"{booth.door.name}-2" in shown.out
    assert "1 of 2 out" in shown.out


async def test_an_evacuation_needs_runbooks_that_have_the_region(booth: Booth) -> None:
    """Nothing, or nothing that fits, is a usage error; nobody can be asked without a terminal."""
    assert (await booth.evac("evacuate", HOME)).code == 2
    ran = await booth.evac("evacuate", "mars", booth.file(), "--yes")
    assert (ran.code, "none of the 1 runbooks has a region mars" in ran.err) == (2, True)
    ran = await booth.evac("evacuate", HOME, booth.file())
    assert (ran.code, ran.err.startswith(f"evac: say --yes to evacuate {HOME}")) == (2, True)
