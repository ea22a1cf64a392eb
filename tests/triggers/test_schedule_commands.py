"""`evac schedule`: what a runbook declares becomes what Temporal keeps, shown first, and changed only with a yes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from runbooks.models import Procedure
from runbooks.readiness import ReadinessState
from tests.triggers.test_composite_commands import Booth, booth
from tests.workflows.composite_stage import until
from triggers.names import composite_id_of, schedule_id_of
from triggers.schedules import schedules

__all__ = ["booth"]

DRILL = {"run": "drill", "cron": "0 3 * * sun", "timezone": "Europe/Berlin", "mode": "isolated", "jitter": "5m"}
HOURLY = {"run": "readiness", "every": "1h"}
DAILY = {"run": "restore-test", "every": "1d", "resource": "vector-db"}


@pytest_asyncio.fixture
async def desk(booth: Booth) -> AsyncIterator[Booth]:
    """A booth whose schedules are gone afterwards: other tests of this folder list all that there are."""
    yield booth
    for state in await schedules(booth.stage.client, booth.door.name):
        await booth.stage.client.get_schedule_handle(state.id).delete()


async def synced(desk: Booth, *rules: dict[str, Any], more: tuple[str, ...] = ("--yes",), **changes: Any) -> str:
    """Sync the runbook with these schedules; what was said."""
    ran = await desk.evac("schedule", "sync", desk.file(schedules=list(rules), **changes), *more)
    assert ran.code == 0, ran.err
    return " ".join(f"{ran.out} {ran.err}".split())


async def test_what_is_declared_is_added_and_then_the_same(desk: Booth) -> None:
    """A dry run changes nothing; without a terminal and a yes nothing is changed either; the second time is quiet."""
    name = desk.door.name
    told = await synced(desk, DRILL, HOURLY, DAILY, more=("--dry-run",))
    assert f"add {name} drill cron 0 3 * * sun (Europe/Berlin), up to 5 min later; mode isolated" in told
    assert "3 to add" in told
    ran = await desk.evac("schedule", "sync", desk.file(schedules=[HOURLY]))
    assert (ran.code, "say --yes to change the schedules" in ran.err) == (2, True)
    assert await schedules(desk.stage.client, name) == []
    assert "synced: 3 added" in await synced(desk, DRILL, HOURLY, DAILY)
    kept = {one.procedure: one for one in await schedules(desk.stage.client, name)}
    assert kept[Procedure.RESTORE_TEST].options == {"resource": "vector-db"}
    assert "nothing to do: the schedules are what the runbooks declare" in await synced(desk, DRILL, HOURLY, DAILY)
    ran = await desk.evac("schedule", "sync", desk.file(schedules=[DRILL, HOURLY, DAILY]), "-o", "json")
    assert (ran.code, ran.document["same"], ran.document["applied"]) == (0, True, False)
    shown = await desk.evac("schedule", "list", name)
    assert shown.out.count(name) == 3
    listed = await desk.evac("schedule", "list", name, "-o", "json")
    assert [one["procedure"] for one in listed.document["schedules"]] == ["drill", "readiness", "restore-test"]
    assert "pinned" not in listed.document["schedules"][0]


async def test_each_thing_that_differs_is_said_before_it_is_changed(desk: Booth) -> None:
    """The times, the options, and that the text has changed since, with the sections that differ."""
    await synced(desk, DRILL, HOURLY)
    told = await synced(desk, {**DRILL, "mode": "full", "soak": "2m"}, {"run": "readiness", "every": "2h"})
    assert "mode: isolated -> full" in told
    assert "soak: as the policy says -> 2 min" in told
    assert "times: every 1 h -> every 2 h" in told
    assert told.count("): schedules") == 2
    assert "synced: 2 changed" in told
    told = await synced(desk, DRILL, owners=["sre-ai"], more=("--dry-run",))
    assert "made with another text of the runbook" in told
    assert "): owners, schedules" in told


async def test_orphans_are_removed_only_when_told_to(desk: Booth) -> None:
    """Those of other runbooks are never touched."""
    await synced(desk, DRILL, HOURLY)
    told = await synced(desk, HOURLY, more=("--yes",))
    assert f"orphan {desk.door.name} drill" in told
    assert "1 not declared, and left alone: `--prune` removes it" in told
    assert len(await schedules(desk.stage.client, desk.door.name)) == 2
    other = await desk.evac("schedule", "sync", desk.file(name=f"{desk.door.name}-b"), "--prune", "--yes")
    assert (other.code, "no schedule is declared, and none is kept" in other.out) == (0, True)
    assert len(await schedules(desk.stage.client, desk.door.name)) == 2
    assert "synced: 1 removed" in await synced(desk, HOURLY, more=("--prune", "--yes"))
    [left] = await schedules(desk.stage.client, desk.door.name)
    assert left.procedure is Procedure.READINESS


async def test_a_schedule_is_paused_unpaused_and_removed_by_name(desk: Booth) -> None:
    """The reason is shown; a name that is not there says what to look at."""
    name = desk.door.name
    await synced(desk, HOURLY)
    ran = await desk.evac("schedule", "pause", name, "readiness")
    assert (ran.code, "say why, with --reason" in ran.err) == (2, True)
    assert (await desk.evac("schedule", "pause", name, "readiness", "--reason", "a migration")).code == 0
    shown = await desk.evac("status", name)
    assert "PAUSED: paused by ann: a migration" in shown.out
    assert "readiness every 1 h (PAUSED)" in await synced(desk, HOURLY)
    listed = await desk.evac("schedule", "list", name)
    assert ("paused by ann: a migration" in listed.out, listed.code) == (True, 0)
    assert (await desk.evac("schedule", "unpause", name, "readiness")).code == 0
    ran = await desk.evac("schedule", "remove", name, "readiness")
    assert (ran.code, ran.out) == (0, f"off the schedule: the readiness of {name}\n")
    ran = await desk.evac("schedule", "remove", name, "readiness")
    assert (ran.code, "`evac schedule list` shows those that are" in ran.err) == (2, True)
    assert (await desk.evac("schedule", "pause", name, "failover", "--reason", "x")).code == 2


async def test_a_time_of_what_was_synced_starts_the_procedure(desk: Booth) -> None:
    """The readiness report is made by the schedule, of the text that was pinned."""
    await synced(desk, HOURLY)
    handle = desk.stage.client.get_schedule_handle(schedule_id_of(desk.door.name, Procedure.READINESS))
    await handle.trigger()
    while not (await handle.describe()).info.recent_actions:
        await asyncio.sleep(0.05)
    name = composite_id_of(desk.door.name, Procedure.READINESS)
    while not [one async for one in desk.stage.client.list_workflows(f"WorkflowId = '{name}'")]:
        await asyncio.sleep(0.05)
    report = desk.stage.client.get_workflow_handle(name)
    state = await until(report, ReadinessState, lambda state: state.ended_at is not None)
    assert state.events[0].text == f"Is {desk.door.name} ready? Asked by ann"


async def test_a_status_says_that_a_schedule_has_an_older_text(desk: Booth) -> None:
    """Since another schedule of the same runbook was put of a newer one."""
    await synced(desk, HOURLY)
    assert "OLDER TEXT" not in (await desk.evac("status", desk.door.name)).out
    ran = await desk.evac("drill", desk.file(owners=["sre-ai"], schedules=[DRILL]), "--cron", "0 4 * * *")
    assert (ran.code, "as declared again" in ran.err) == (0, True)
    shown = (await desk.evac("status", desk.door.name)).out
    [line] = [line for line in shown.splitlines() if "OLDER TEXT" in line]
    assert line.startswith(f"Scheduled: readiness of {desk.door.name}")


async def test_two_runbooks_of_one_name_are_refused(desk: Booth) -> None:
    """Which of them counts, nobody could say."""
    file = desk.file(schedules=[HOURLY])
    ran = await desk.evac("schedule", "sync", file, file, "--yes")
    assert (ran.code, "are both called" in ran.err) == (2, True)
