"""Schedules: drills, readiness reports and restore tests at their times, kept by Temporal.

A time is skipped while the one before is still going, and a failed one pauses nothing: the next is as needed.
"""

import asyncio
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.client import ScheduleState as TemporalScheduleState
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from runbooks.models import Procedure
from runbooks.timetable import SCHEDULED, ScheduledInput, ScheduleRequest, ScheduleState, note, why_not
from triggers import names
from triggers.errors import NoSuchScheduleError, TimetableError
from triggers.start import RPC, TASK
from worker.settings import Settings
from workflows.search_attributes import EVAC_PROCEDURE, EVAC_RUNBOOK

_LATE = timedelta(minutes=10)
"""A time that was missed (Temporal was down) is made up for only within this."""


async def put_schedule(client: Client, settings: Settings, request: ScheduleRequest) -> bool:
    """Make the schedule, or put this one in its place: True when it is new.

    The runbook is pinned as it is now: after an edit it must be put again. Raises TimetableError.
    """
    wrong = why_not(request)
    if wrong is not None:
        raise TimetableError(wrong)
    new = _schedule(settings, request)
    name = names.schedule_id_of(request.runbook.name, request.procedure)
    try:
        await client.create_schedule(name, new, search_attributes=_attributes(request), rpc_timeout=RPC)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(name).update(lambda _: ScheduleUpdate(new), rpc_timeout=RPC)
        return False
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        message = f"Temporal does not take {request.timetable.cron!r} as a timetable: {error.message}"
        raise TimetableError(message) from None
    return True


async def delete_schedule(client: Client, runbook: str, procedure: Procedure) -> None:
    """Take the procedure off its schedule; what it has started goes on. Raises NoSuchScheduleError."""
    try:
        await client.get_schedule_handle(names.schedule_id_of(runbook, procedure)).delete(rpc_timeout=RPC)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        message = f"there is no schedule of the {procedure} of {runbook}"
        raise NoSuchScheduleError(message) from None


async def schedules(client: Client, runbook: str | None = None) -> list[ScheduleState]:
    """Every schedule of Evac, or of the runbook. One that was made a moment ago may be missing among all."""
    if runbook is not None:
        ids = [names.schedule_id_of(runbook, procedure) for procedure in SCHEDULED]
    else:
        ids = [found.id async for found in await client.list_schedules(rpc_timeout=RPC) if names.is_schedule(found.id)]
    states = await asyncio.gather(*(_state(client, name) for name in sorted(ids)))
    return [state for state in states if state is not None]


async def _state(client: Client, name: str) -> ScheduleState | None:
    try:
        found = await client.get_schedule_handle(name).describe(rpc_timeout=RPC)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    runbook, procedure = names.of_schedule(name)
    upcoming = [at.timestamp() for at in found.info.next_action_times]
    past = [action.started_at.timestamp() for action in found.info.recent_actions]
    return ScheduleState(
        id=name,
        runbook=runbook,
        procedure=procedure,
        note=found.schedule.state.note or "",
        paused=found.schedule.state.paused,
        next_at=min(upcoming, default=None),
        last_at=max(past, default=None),
        skipped=found.info.num_actions_skipped_overlap,
    )


def _schedule(settings: Settings, request: ScheduleRequest) -> Schedule:
    book, table = request.runbook, request.timetable
    asked = ScheduledInput(
        procedure=request.procedure,
        runbook=book.name,
        request={**request.options, "runbook": book.model_dump(mode="json"), "text": request.text},
        by=request.by,
        proof=request.proof,
    )
    return Schedule(
        action=ScheduleActionStartWorkflow(
            names.SCHEDULED,
            asked,
            id=f"{names.composite_id_of(book.name, request.procedure)}/scheduled",
            task_queue=settings.task_queue,
            task_timeout=TASK,
            static_summary=f"{request.procedure} of {book.name}, {note(request)}"[:200],
            typed_search_attributes=_attributes(request),
        ),
        spec=ScheduleSpec(
            intervals=[] if table.every is None else [ScheduleIntervalSpec(every=timedelta(seconds=table.every))],
            cron_expressions=[table.cron] if table.cron else [],
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_LATE, pause_on_failure=False),
        state=TemporalScheduleState(note=note(request)),
    )


def _attributes(request: ScheduleRequest) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [
            SearchAttributePair(EVAC_RUNBOOK, request.runbook.name),
            SearchAttributePair(EVAC_PROCEDURE, request.procedure.value),
        ]
    )
