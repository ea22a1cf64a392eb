"""Schedules: drills, readiness reports and restore tests at their times, kept by Temporal.

A time is skipped while the one before is still going, and a failed one pauses nothing: the next is as needed.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from pydantic import ValidationError
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.client import ScheduleState as TemporalScheduleState
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from runbooks.models import Procedure, Runbook
from runbooks.plan import declared_checksum
from runbooks.timetable import SCHEDULED, ScheduledInput, ScheduleRequest, ScheduleState, Timetable, note, why_not
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
        await client.get_schedule_handle(name).update(lambda old: ScheduleUpdate(_as_paused(old, new)), rpc_timeout=RPC)
        return False
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        message = f"Temporal does not take {request.timetable.words} as a timetable: {error.message}"
        raise TimetableError(message) from None
    return True


def _as_paused(old: ScheduleUpdateInput, new: Schedule) -> Schedule:
    """What somebody has paused stays so, with the reason, whatever else is changed."""
    if old.description.schedule.state.paused:
        new.state = old.description.schedule.state
    return new


async def delete_schedule(client: Client, runbook: str, procedure: Procedure) -> None:
    """Take the procedure off its schedule; what it has started goes on. Raises NoSuchScheduleError."""
    with _of(runbook, procedure):
        await client.get_schedule_handle(names.schedule_id_of(runbook, procedure)).delete(rpc_timeout=RPC)


async def pause_schedule(client: Client, runbook: str, procedure: Procedure, why: str) -> None:
    """Let its times pass until it is unpaused; `why` says who and for which reason. Raises NoSuchScheduleError."""
    with _of(runbook, procedure):
        await client.get_schedule_handle(names.schedule_id_of(runbook, procedure)).pause(note=why, rpc_timeout=RPC)


async def unpause_schedule(client: Client, runbook: str, procedure: Procedure, why: str) -> None:
    """Let its times count again, from the next one on. Raises NoSuchScheduleError."""
    with _of(runbook, procedure):
        await client.get_schedule_handle(names.schedule_id_of(runbook, procedure)).unpause(note=why, rpc_timeout=RPC)


@contextmanager
def _of(runbook: str, procedure: Procedure) -> Iterator[None]:
    """Raises NoSuchScheduleError where Temporal knows no such schedule."""
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        message = f"there is no schedule of the {procedure} of {runbook}; `evac schedule list` shows those that are"
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
    asked = await _asked(client, found)
    bare = ScheduleState(
        id=name,
        runbook=runbook,
        procedure=procedure,
        note=found.schedule.state.note or "",
        paused=found.schedule.state.paused,
        next_at=min(upcoming, default=None),
        last_at=max(past, default=None),
        skipped=found.info.num_actions_skipped_overlap,
    )
    return bare if asked is None else bare.model_copy(update=_as_asked(found, asked))


async def _asked(client: Client, found: ScheduleDescription) -> ScheduledInput | None:
    """What it starts; None when that is nothing that this release can read."""
    action = found.schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return None
    try:
        [asked] = await client.data_converter.decode(list(action.args), [ScheduledInput])
    except (RuntimeError, ValueError):
        return None
    return asked if isinstance(asked, ScheduledInput) else None


def _as_asked(found: ScheduleDescription, asked: ScheduledInput) -> dict[str, object]:
    """What was asked for, and whether Temporal still does that."""
    try:
        pinned = Runbook.model_validate(asked.request.get("runbook"))
    except ValidationError:
        pinned = None
    options = {k: v for k, v in asked.request.items() if k not in ("runbook", "text") and v not in (None, [])}
    return {
        "timetable": asked.timetable,
        "options": options,
        "by": asked.by,
        "pinned": pinned,
        "checksum": "" if pinned is None else declared_checksum(pinned),
        "made_at": asked.at,
        "edited": asked.timetable is not None and not _kept(found.schedule.spec, asked.timetable),
    }


def _kept(spec: ScheduleSpec, table: Timetable) -> bool:
    """Temporal's times are those. A cron line comes back as a calendar: only that there is just one is judged."""
    want = _spec(table)
    same = (spec.jitter or timedelta()) == (want.jitter or timedelta())
    same = same and (spec.time_zone_name or "UTC") == (want.time_zone_name or "UTC")
    every = [interval.every for interval in spec.intervals] == [interval.every for interval in want.intervals]
    return same and every and len(spec.calendars) + len(spec.cron_expressions) == len(want.cron_expressions)


def _schedule(settings: Settings, request: ScheduleRequest) -> Schedule:
    book, table = request.runbook, request.timetable
    asked = ScheduledInput(
        procedure=request.procedure,
        runbook=book.name,
        request={**request.options, "runbook": book.model_dump(mode="json"), "text": request.text},
        by=request.by,
        proof=request.proof,
        timetable=table,
        at=time.time(),
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
        spec=_spec(table),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_LATE, pause_on_failure=False),
        state=TemporalScheduleState(note=note(request)),
    )


def _spec(table: Timetable) -> ScheduleSpec:
    return ScheduleSpec(
        intervals=[] if table.every is None else [ScheduleIntervalSpec(every=timedelta(seconds=table.every))],
        cron_expressions=[table.cron] if table.cron else [],
        jitter=timedelta(seconds=table.jitter) if table.jitter else None,
        time_zone_name=table.timezone,
    )


def _attributes(request: ScheduleRequest) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [
            SearchAttributePair(EVAC_RUNBOOK, request.runbook.name),
            SearchAttributePair(EVAC_PROCEDURE, request.procedure.value),
        ]
    )
