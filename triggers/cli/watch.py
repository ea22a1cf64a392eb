"""`evac watch`: follow a run live; while none is going, show its detector."""

import asyncio
import time
from typing import Annotated, Any

import typer
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from runbooks.runs import RunState
from triggers import names
from triggers.cli.follow import report
from triggers.cli.live import Follower
from triggers.cli.options import Timeout
from triggers.cli.out import Format, Output, leave
from triggers.cli.screen import Screen, Trouble, screen
from triggers.cli.session import with_client
from triggers.cli.watching import watch_lines, watch_view
from triggers.errors import NoAnswerError, NoSuchRunError
from triggers.look import newest, watch_state
from worker.settings import Settings

app = typer.Typer(add_completion=False)
_PAUSE = 0.5


@app.command()
def watch(
    name: Annotated[str, typer.Argument(help="The runbook's name.")],
    timeout: Timeout = None,
    output: Output = Format.TEXT,
) -> None:
    """Follow the runbook's run until it ends; while none is going, show what its detector sees.

    The exit code is the run's. Leaving (Ctrl-C) does not touch the run.
    """

    async def _talk(client: Client, settings: Settings) -> RunState | None:
        deadline = None if timeout is None else time.monotonic() + timeout
        with screen(answers_json=output is Format.JSON) as shown:
            handle = await _next_run(client, settings, name, shown, deadline)
            if handle is None:
                return None
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            return await Follower(client, settings, handle).follow(shown, left)

    leave(report(name, lambda: with_client(_talk), output))


async def _next_run(
    client: Client, settings: Settings, name: str, shown: Screen, deadline: float | None
) -> WorkflowHandle[Any, RunState] | None:
    """The run that is going, or the next one that the detector starts; None when the time is up."""
    first = run = await newest(client, names.run_id_of(name))
    while run is None or (not run.open and first is not None and run.run_id == first.run_id):
        try:
            await _show_detector(client, settings, name, shown)
            run = await newest(client, names.run_id_of(name))
        except (NoAnswerError, RPCError) as error:
            shown.show(None, Trouble(str(error), 0.0))
        if deadline is not None and time.monotonic() >= deadline:
            return None
        await asyncio.sleep(_PAUSE)
    return client.get_workflow_handle(run.workflow_id, run_id=run.run_id, result_type=RunState)


async def _show_detector(client: Client, settings: Settings, name: str, shown: Screen) -> None:
    detector = await watch_state(client, settings, name)
    if detector is None:
        message = f"nothing to follow: no run of {name} is going and no detector is armed (`evac history {name}`)"
        raise NoSuchRunError(message)
    shown.show_other(watch_view(detector, time.time()), watch_lines(detector))
