"""Plays cases: starts the run, keeps people at hand while it stands still, and judges what came of it."""

import asyncio
import itertools
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from runbooks.drills import DrillState
from runbooks.models import Procedure
from runbooks.runs import Phase, RunEvent, RunState, Status
from tests.checker.books import book
from tests.checker.fakes import Fakes
from tests.checker.judging import judge
from tests.checker.scenes import request_for, world_for
from tests.checker.script import Border, Case
from tests.checker.show import Show
from tests.checker.stage import Lane, server_time
from tests.checker.world import Finding, World

FIRST, LONGEST = 0.1, 64.0
"""Seconds of the server's time that a lane lets pass at once: the longer nothing has happened, the more."""
PATIENCE = 30.0
"""Seconds of the server's time after which people look at the run by themselves."""
TOLD, SHARE = 1.5, 0.8
"""A sleep of so many seconds that took this share of them in real time was not skipped."""
LOOKS = 20
"""When people have looked in vain so often, nothing will bring the run on."""
STUCK = 80.0
"""Real seconds without a call in which something should have happened, whatever the server's clock says."""

_SERVERS = 4
_LONGEST_RUN = 100.0
"""Real seconds: longer than anything that is merely slow."""
_WAITING = (Phase.WAITING_FOR_PERSON, Phase.AWAITING_APPROVAL, Phase.AWAITING_CONFIRMATION)
"""Where a run may stand as long as people have nothing more to say, if it says what it waits for."""
_TASK = timedelta(seconds=2)
_LOST = 30 * _TASK.total_seconds()
"""Seconds of the server's time after which a task that is neither over nor given up is lost: it had but two."""
_numbers = itertools.count(1)

ABANDONED = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <coroutine object _ActivityWorker:pytest.PytestUnraisableExceptionWarning"
)
"""A worker of the SDK that is given up with its server (below) cannot end, and says so when it is collected."""

R = TypeVar("R", RunState, DrillState)
MakeFakes = Callable[[World], Fakes]


class ServerFaultError(Exception):
    """The test server did what no server of Temporal's may do: what was played on it proves nothing."""


@dataclass
class Played:
    """What came of one case."""

    case: Case
    findings: list[Finding]
    borders: list[Border]
    state: RunState | None
    changes: list[str] = field(default_factory=list)
    events: tuple[RunEvent, ...] = ()
    unplayed: str = ""
    """Why it could not be played: the test server failed, again and again. It proves nothing."""

    def story(self) -> str:
        """The violation as a person reads it: what, how to run it again, and what the run said."""
        events = sorted(self.events, key=lambda event: event.at)
        began = events[0].at if events else 0.0
        lines = [f"{finding.rule}: {finding.sentence}" for finding in self.findings]
        lines += ["", f"again: {self.case.command()}", "", f"changed: {', '.join(self.changes) or 'nothing'}", ""]
        lines += [f"  {event.at - began:8.2f} s  {event.text}" for event in events]
        if self.state is not None:
            lines += [
                f"  decisions: {[(j.decision.id, str(j.decision.kind), j.refused) for j in self.state.decisions]}"
            ]
        return "\n".join(lines)


async def play(lane: Lane, case: Case, fakes: MakeFakes = Fakes) -> Played:
    """One run, from its start to its end. A server that has lost count of its locks is replaced.

    Such a server's clock stands still, and so does the run: what is stuck counts only if it is stuck on every server.
    """
    why = ""
    for number in range(1, _SERVERS + 1):
        played: Played | None = None
        try:
            async with asyncio.timeout(_LONGEST_RUN):
                played = await _play(lane, case, fakes)
        except (RPCError, TimeoutError, ServerFaultError) as error:
            why = f"{error} ({''.join(traceback.format_tb(error.__traceback__)[-3:])})"
        doubtful = played is not None and {finding.rule for finding in played.findings} == {"stuck"}
        if played is None or doubtful or lane.tampered:  # its count of locks is a guess now: no run is to begin with it
            await lane.end()
            await lane.begin()
        if played is not None and not (doubtful and number < _SERVERS):
            return played
    return Played(case, [], [], None, unplayed=why)


async def _play(lane: Lane, case: Case, fakes: MakeFakes) -> Played:
    now = await server_time(lane.client)
    named = book(case.book)
    named = named.model_copy(update={"name": f"{named.name}-{next(_numbers)}"})
    world = world_for(case, named, now)
    show = lane.show = Show(case, named, world, fakes(world), lane.sleep, lane.crash, lane.pause_needed)
    ident = f"evac/{named.name}"
    drill = case.procedure == Procedure.DRILL
    show.run = lane.client.get_workflow_handle(ident, result_type=RunState)
    show.handle = lane.client.get_workflow_handle(f"{ident}/drill", result_type=DrillState) if drill else show.run
    await lane.client.start_workflow(
        case.procedure,
        request_for(case, named, now),
        id=show.handle.id,
        task_queue=lane.queue,
        task_timeout=_TASK,
    )
    ended = await _to_its_end(lane, show)
    show.over = True
    await lane.settle()
    if ended is not None:
        states = (
            [ended] if isinstance(ended, RunState) else [await _final(lane, run, show) for run in list(show.records)]
        )
        events = (*(() if isinstance(ended, RunState) else ended.events), *(e for one in states for e in one.events))
        found = judge(show, f"{ended.outcome}: {ended.message}", states)
        return Played(case, found, show.borders, states[-1] if states else None, world.changes, events)
    state = await show.state()
    with suppress(RPCError):
        await show.handle.terminate("given up")
    if (
        state is not None
        and state.phase in _WAITING
        and all(s.error for s in state.steps if s.status == Status.WAITING)
    ):
        return Played(case, world.findings, show.borders, state, world.changes, state.events)
    if lost := await _lost_task(lane, show):
        raise ServerFaultError(lost)
    where = "" if state is None else f": {state.phase}, {state.message}"
    world.find("stuck", f"it neither ended nor waited for anybody{where}")
    return Played(case, world.findings, show.borders, state, world.changes, () if state is None else state.events)


async def _lost_task(lane: Lane, show: Show) -> str:
    """The sentence that the server has lost a workflow's task: begun long ago, and neither over nor given up since.

    It does so when the workflow cancels what has just ended (ACTIVITY_UNKNOWN, TIMER_UNKNOWN in the worker's log).
    """
    now = await server_time(lane.client)
    for run in filter(None, {show.handle, show.run}):
        with suppress(RPCError):
            last = (await run.fetch_history()).events[-1]
            age = now - last.event_time.ToMicroseconds() / 1e6
            if last.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED and age > _LOST:
                return f"the server lost a task of {run.id}, which began {age:.0f} s ago"
    return ""


async def _final(lane: Lane, run: str, show: Show) -> RunState:
    """A leg as it stands after its end: what came after its record counts, too."""
    assert show.run is not None
    handle = lane.client.get_workflow_handle(show.run.id, run_id=run)
    state: RunState = await handle.query("state", result_type=RunState)
    return state


async def _to_its_end(lane: Lane, show: Show) -> RunState | DrillState | None:
    """The run's result; None when nothing brings it on."""
    assert show.handle is not None
    loop = asyncio.get_running_loop()
    moved, quiet, looks, seen, span = loop.time(), 0.0, 0, 0, FIRST
    result = asyncio.create_task(_result(show))
    try:
        while loop.time() - moved < STUCK and looks < LOOKS:
            await lane.runner.rest()
            since = loop.time()
            await _pass(lane, span, result)
            passed = loop.time() - since
            if result.done():
                return result.result()
            quiet += span
            if len(show.borders) > seen:
                moved, looks, seen, span = loop.time(), 0, len(show.borders), FIRST
            else:
                if span >= TOLD and passed > SHARE * span and not lane.runner.ran_since(since):
                    await lane.unlock()  # it went by the real clock, although nothing ran: a lock was forgotten
                span = min(2 * span, LONGEST)
            if quiet >= PATIENCE:
                quiet = 0.0 if span == FIRST else quiet
                looks += not await show.hear(strict=True)
    except WorkflowFailureError as error:
        show.world.find("failed", f"the workflow failed: {error!r}: {error.__cause__!r}")
        return None
    finally:
        result.cancel()
        await asyncio.gather(result, return_exceptions=True)
    return None


async def _pass(lane: Lane, span: float, result: asyncio.Task[RunState | DrillState]) -> None:
    """Let so much of the server's time pass, unless the result comes before."""
    if lane.pause is None or lane.pause.done():
        lane.pause = asyncio.create_task(lane.sleep(span))
    done, _ = await asyncio.wait({lane.pause, result}, return_when=asyncio.FIRST_COMPLETED)
    if lane.pause in done:
        await lane.pause  # raises what became of it


async def _result(show: Show) -> RunState | DrillState:
    """The result of what is played: of a drill's, once whatever it was turned into is over, too."""
    assert show.handle is not None
    assert show.run is not None
    ended: RunState | DrillState = await _result_of(show.handle)
    if show.run is not show.handle:
        try:
            await _result_of(show.run)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # a drill that was refused had no run at all
                raise
    return ended


async def _result_of(handle: WorkflowHandle[Any, R]) -> R:
    """The result, however often the server ends the wait for it, which it does when its clock leaps."""
    while True:
        try:
            return await handle.result()
        except RuntimeError:
            await asyncio.sleep(0)
