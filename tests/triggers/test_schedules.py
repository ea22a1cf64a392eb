"""Schedules on a real server: made, changed, listed, deleted; each time under the procedure's usual id."""

import asyncio
import uuid
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.contrib.pydantic import pydantic_data_converter

from runbooks.models import Procedure
from runbooks.plan import declared_checksum
from runbooks.readiness import ReadinessState
from runbooks.timetable import ScheduledState, ScheduleRequest, Timetable
from tests.runbooks.test_check_schedules import GOOD
from tests.workflows.composite_stage import Composites, staged
from triggers.composite import composite_state
from triggers.errors import NoSuchScheduleError, TimetableError
from triggers.names import composite_id_of, schedule_id_of
from triggers.schedules import delete_schedule, pause_schedule, put_schedule, schedules, unpause_schedule


def weekly(stage: Composites, procedure: Procedure = Procedure.READINESS, **changes: object) -> ScheduleRequest:
    """Once a week, by ann."""
    table = Timetable.model_validate(changes or {"every": "7d"})
    return ScheduleRequest(procedure=procedure, runbook=stage.book(), timetable=table, by="ann")


@pytest.fixture
async def client(temporal: str) -> Client:
    """Of the folder's server."""
    return await Client.connect(temporal, data_converter=pydantic_data_converter)


async def test_is_made_changed_listed_and_deleted(client: Client, tmp_path: Path) -> None:
    """The note says when, by whom, and of which runbook."""
    async with staged(client, tmp_path) as stage:
        assert await put_schedule(client, stage.settings, weekly(stage))
        assert not await put_schedule(client, stage.settings, weekly(stage, cron="0 3 * * 1"))
        [found] = await schedules(client, stage.name)
        assert (found.runbook, found.procedure, found.paused) == (stage.name, Procedure.READINESS, False)
        assert found.note.startswith("cron 0 3 * * 1 (UTC), asked by ann, of the runbook ")
        assert found.next_at is not None
        while found.id not in [listed.id for listed in await schedules(client)]:
            await asyncio.sleep(0.05)
        await delete_schedule(client, stage.name, Procedure.READINESS)
        assert await schedules(client, stage.name) == []
        with pytest.raises(NoSuchScheduleError, match="there is no schedule of the readiness"):
            await delete_schedule(client, stage.name, Procedure.READINESS)


async def test_every_good_cron_line_is_one_for_temporal_and_means_the_same(client: Client) -> None:
    """What the runbook's own reading takes, the server takes; sunday is 0 and 7, and the time zone counts."""
    spec = ScheduleSpec(cron_expressions=list(GOOD), time_zone_name="Europe/Berlin")
    action = ScheduleActionStartWorkflow("none", id="none", task_queue="none")
    handle = await client.create_schedule(f"cron-{uuid.uuid4()}", Schedule(action=action, spec=spec))
    await handle.delete()
    for line in ("30 3 * * sun", "30 3 * * 0", "30 3 * * 7"):
        spec = ScheduleSpec(cron_expressions=[line], time_zone_name="Europe/Berlin")
        handle = await client.create_schedule(f"cron-{uuid.uuid4()}", Schedule(action=action, spec=spec))
        times = (await handle.describe()).info.next_action_times
        local = {at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%a %H:%M") for at in times}
        await handle.delete()
        assert local == {"Sun 03:30"}


async def test_it_is_read_back_as_it_was_asked_for(client: Client, tmp_path: Path) -> None:
    """Times, options, who asked, and the text; also that somebody has changed its times in Temporal itself."""
    async with staged(client, tmp_path) as stage:
        table = {"cron": "0 3 * * sun", "timezone": "Europe/Berlin", "jitter": "5m"}
        request = weekly(stage, Procedure.DRILL, **table).model_copy(update={"options": {"mode": "isolated"}})
        await put_schedule(client, stage.settings, request)
        [found] = await schedules(client, stage.name)
        assert (found.timetable, found.options, found.by) == (request.timetable, {"mode": "isolated"}, "ann")
        assert (found.pinned, found.checksum, found.edited) == (stage.book(), declared_checksum(stage.book()), False)
        handle = client.get_schedule_handle(found.id)

        def _later(old: ScheduleUpdateInput) -> ScheduleUpdate:
            old.description.schedule.spec.jitter = timedelta(hours=1)
            return ScheduleUpdate(old.description.schedule)

        await handle.update(_later)
        [found] = await schedules(client, stage.name)
        assert found.edited
        await delete_schedule(client, stage.name, Procedure.DRILL)


async def test_what_is_paused_stays_so_when_it_is_put_anew(client: Client, tmp_path: Path) -> None:
    """With its reason, until somebody unpauses it."""
    async with staged(client, tmp_path) as stage:
        await put_schedule(client, stage.settings, weekly(stage))
        await pause_schedule(client, stage.name, Procedure.READINESS, "paused by ann: a migration")
        assert not await put_schedule(client, stage.settings, weekly(stage, every="1d"))
        [found] = await schedules(client, stage.name)
        assert (found.paused, found.note) == (True, "paused by ann: a migration")
        assert found.timetable == Timetable(every=86400.0)
        await unpause_schedule(client, stage.name, Procedure.READINESS, "unpaused by ann")
        [found] = await schedules(client, stage.name)
        assert not found.paused
        await delete_schedule(client, stage.name, Procedure.READINESS)


async def one_time(client: Client, stage: Composites, procedure: Procedure) -> ScheduledState:
    """Let its time come now, and wait for what comes of it."""
    handle = client.get_schedule_handle(schedule_id_of(stage.name, procedure))
    await handle.trigger()
    while not (recent := (await handle.describe()).info.recent_actions):
        await asyncio.sleep(0.05)
    action = recent[0].action
    assert isinstance(action, ScheduleActionExecutionStartWorkflow)
    return await client.get_workflow_handle(action.workflow_id, result_type=ScheduledState).result()


async def test_a_time_runs_the_procedure_under_its_usual_id(client: Client, tmp_path: Path) -> None:
    """So one at will and one by schedule never go at once."""
    async with staged(client, tmp_path) as stage:
        await put_schedule(client, stage.settings, weekly(stage))
        assert (await one_time(client, stage, Procedure.READINESS)).started
        name = composite_id_of(stage.name, Procedure.READINESS)
        state = await composite_state(client, stage.settings, name, ReadinessState)
        assert state.events[0].text == f"Is {stage.name} ready? Asked by ann"
        await delete_schedule(client, stage.name, Procedure.READINESS)


async def test_a_time_at_which_it_is_going_already_is_skipped(client: Client, tmp_path: Path) -> None:
    """The one that was started at will goes on alone."""
    async with staged(client, tmp_path) as stage:
        name = composite_id_of(stage.name, Procedure.DRILL)
        await client.start_workflow("drill", id=name, task_queue=f"nobody-{uuid.uuid4()}")
        request = weekly(stage, Procedure.DRILL)
        await put_schedule(client, stage.settings, request)
        state = await one_time(client, stage, Procedure.DRILL)
        assert (state.started, state.sentence) == (False, f"{name} is going already: this time is skipped")
        await client.get_workflow_handle(name).terminate()
        await delete_schedule(client, stage.name, Procedure.DRILL)


@pytest.mark.parametrize(
    ("procedure", "table", "why"),
    [
        (Procedure.FAILOVER, {"every": "7d"}, "a failover is decided when it is needed"),
        (Procedure.DRILL, {"every": "7d", "cron": "@daily"}, "give one of the two"),
        (Procedure.DRILL, {}, "give one of the two"),
        (Procedure.DRILL, {"every": "10s"}, "every 10 s is too often"),
        (Procedure.DRILL, {"cron": "every tuesday"}, "`every tuesday` is no cron line: write five fields"),
        (Procedure.DRILL, {"cron": "0 3 * * *", "timezone": "Europe/Atlantis"}, "is no time zone"),
    ],
)
async def test_what_cannot_be_scheduled(
    client: Client, tmp_path: Path, procedure: Procedure, table: dict[str, str], why: str
) -> None:
    """The sentence says what can be."""
    async with staged(client, tmp_path) as stage:
        request = weekly(stage, procedure).model_copy(update={"timetable": Timetable.model_validate(table)})
        with pytest.raises(TimetableError, match=why):
            await put_schedule(client, stage.settings, request)
