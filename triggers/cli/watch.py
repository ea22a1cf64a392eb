"""`evac watch`: follow a drill, an evacuation or a run live; while none is going, show the detector."""

import asyncio
import time
from typing import Any

import typer
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from runbooks.models import Procedure
from runbooks.runs import RunState
from triggers import names
from triggers.cli.composites import end, follow
from triggers.cli.follow import report
from triggers.cli.live import Follower
from triggers.cli.options import NameOrRegion, Timeout
from triggers.cli.out import Format, Output, leave
from triggers.cli.screen import Screen, Trouble, screen
from triggers.cli.session import with_client
from triggers.cli.shapes import DRILL, EVACUATION, Shape
from triggers.cli.watching import watch_lines, watch_view
from triggers.errors import NoAnswerError, NoSuchRunError
from triggers.look import newest, watch_state
from worker.settings import Settings

app = typer.Typer(add_completion=False)
_PAUSE = 0.5


@app.command()
def watch(
    name: NameOrRegion,
    timeout: Timeout = None,
    output: Output = Format.TEXT,
) -> None:
    """Follow the runbook's drill or run until it ends; while none is going, show what its detector sees.

    The exit code is the drill's or the run's. Leaving (Ctrl-C) does not touch it.
    """
    shape = with_client(lambda client, _settings: _going(client, name))
    if shape is not None:
        _follow(shape, name, timeout, output)
        return

    async def _talk(client: Client, settings: Settings) -> RunState | None:
        deadline = None if timeout is None else time.monotonic() + timeout
        with screen(answers_json=output is Format.JSON) as shown:
            handle = await _next_run(client, settings, name, shown, deadline)
            if handle is None:
                return None
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            return await Follower(client, settings, handle).follow(shown, left)

    leave(report(name, lambda: with_client(_talk), output))


async def _going(client: Client, name: str) -> Shape[Any] | None:
    """What is going of that name besides runs, and is worth following: a drill, or the evacuation of a region."""
    for workflow_id, shape in _ids(name).items():
        found = await newest(client, workflow_id)
        if found is not None and found.open:
            return shape
    return None


def _ids(name: str) -> dict[str, Shape[Any]]:
    return {names.composite_id_of(name, Procedure.DRILL): DRILL, names.evacuation_id_of(name): EVACUATION}


def _follow(shape: Shape[Any], name: str, patience: float | None, output: Format) -> None:
    workflow_id = next(one for one, known in _ids(name).items() if known is shape)

    async def _talk(client: Client, settings: Settings) -> Any:  # noqa: ANN401 - the shape's state
        handle = client.get_workflow_handle(workflow_id, result_type=shape.state)
        return await follow(client, settings, shape, handle, subject=name, patience=patience, output=output)

    leave(end(shape, name, lambda: with_client(_talk), output, f"evac watch {name}"))


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
