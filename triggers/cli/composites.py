"""Starting, following and ending with what is made of other runs: the same for every shape of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.text import Text
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from runbooks.runs import RunState
from triggers import names
from triggers.cli import live
from triggers.cli.exits import Exit
from triggers.cli.live import waits
from triggers.cli.options import Following
from triggers.cli.out import Format, Refusal, conclude, document, leave, say
from triggers.cli.screen import Screen, Trouble, screen
from triggers.cli.session import with_client
from triggers.cli.shapes import Shape
from triggers.composite import Begun
from triggers.errors import TriggerError
from triggers.look import StateT, newest, run_state
from worker.settings import Settings

_PAUSE = 0.5
Start = Callable[[Client, Settings], Awaitable[Begun[StateT]]]


def begin(
    shape: Shape[StateT],
    subject: str,
    start: Start[StateT],
    how: Following,
    *,
    again: str,
) -> None:
    """Start it, or join the one that is going, and follow it; `again` is the command that follows it once more."""

    async def _started(client: Client, settings: Settings) -> Begun[StateT]:
        begun = await start(client, settings)
        way = "joined" if begun.joined else "started"
        going = " is going already; nothing else was started" if begun.joined else f"; follow it with `{again}`"
        say(f"{way}: the {shape.words} of {subject} (run {begun.handle.result_run_id or begun.handle.run_id}){going}")
        return begun

    async def _talk(client: Client, settings: Settings) -> StateT | None:
        begun = await _started(client, settings)
        handle, patience = begun.handle, how.timeout
        return await follow(client, settings, shape, handle, subject=subject, patience=patience, output=how.output)

    if not how.wait:
        begun = with_client(_started)
        if how.output is Format.JSON:
            document(id=begun.handle.id, run=begun.handle.run_id, joined=begun.joined)
        return
    leave(end(shape, subject, lambda: with_client(_talk), how.output, again))


async def follow(
    client: Client,
    settings: Settings,
    shape: Shape[StateT],
    handle: WorkflowHandle[Any, StateT],
    *,
    subject: str,
    patience: float | None,
    output: Format,
) -> StateT | None:
    """Show it until its end; beneath a drill, the run that is going for it."""
    async with _beside(client, settings, subject if shape.key == "drill" else "") as beside:
        with screen(answers_json=output is Format.JSON) as shown:
            following = live.Following(client, settings, handle, shape.state)
            return await following.follow(lambda state, trouble: _show(shape, shown, state, trouble, beside), patience)


def end(shape: Shape[StateT], subject: str, followed: Callable[[], StateT | None], output: Format, again: str) -> Exit:
    """Follow, say how it ended, and return the exit code."""
    try:
        state = followed()
    except KeyboardInterrupt:
        message = f"no longer following; the {shape.words} goes on by itself. Follow it again with `{again}`"
        raise Refusal(Exit.INTERRUPTED, message) from None
    if output is Format.JSON:
        document(**{shape.key: None if state is None else state.model_dump(mode="json")})
    if state is None:
        say(f"evac: nothing was heard of the {shape.words} of {subject} in time; `{again}` follows it again")
        return Exit.TIMED_OUT
    if shape.ended(state):
        (say if output is Format.JSON else conclude)(shape.closing(state))
    else:
        say(f"evac: the {shape.words} of {subject} goes on; `{again}` follows it again")
        for command in shape.answers(state):
            say(f"  answer with: {command}")
    return shape.code(state)


@dataclass
class Beside:
    """The run that is going for a drill, if one is."""

    run: RunState | None = None


@asynccontextmanager
async def _beside(client: Client, settings: Settings, runbook: str) -> AsyncIterator[Beside]:
    """Look again and again which run of the runbook is going."""
    found = Beside()
    looking = asyncio.create_task(_look(client, settings, runbook, found)) if runbook else None
    try:
        yield found
    finally:
        if looking is not None:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


async def _look(client: Client, settings: Settings, runbook: str, found: Beside) -> None:
    while True:
        with suppress(TriggerError, RPCError):
            run = await newest(client, names.run_id_of(runbook))
            found.run = await run_state(client, settings, runbook, run.run_id) if run is not None and run.open else None
        await asyncio.sleep(_PAUSE)


def _show(shape: Shape[StateT], shown: Screen, state: StateT | None, trouble: Trouble | None, beside: Beside) -> None:
    if state is None:
        shown.show(None, trouble)
        return
    picture = shape.view(state, time.time())
    if trouble is not None:
        picture = Group(Text(str(trouble), style="bold yellow"), picture)
    run = beside.run if beside.run is not None and (waits(beside.run) or not shape.ended(state)) else None
    silence = [] if trouble is None else [f"no news: {trouble.why}"]
    shown.show_other(picture, [*shape.lines(state), *silence], run)
