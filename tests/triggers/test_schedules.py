"""Schedules on a real server: made, changed, listed, deleted; each time under the procedure's usual id."""

import asyncio
import uuid
from pathlib import Path

import pytest
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow
from temporalio.contrib.pydantic import pydantic_data_converter

from runbooks.models import Procedure
from runbooks.readiness import ReadinessState
from runbooks.timetable import ScheduledState, ScheduleRequest, Timetable
from tests.workflows.composite_stage import Composites, staged
from triggers.composite import composite_state
from triggers.errors import NoSuchScheduleError, TimetableError
from triggers.names import composite_id_of, schedule_id_of
from triggers.schedules import delete_schedule, put_schedule, schedules


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
        (Procedure.DRILL, {"cron": "every tuesday"}, "does not take 'every tuesday' as a timetable"),
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
