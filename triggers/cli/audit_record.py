"""`evac audit record`: a record on demand, of a run that goes on, or of one whose own record is not to be had."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from temporalio.client import Client, WorkflowHandle, WorkflowHistory

from runbooks.runs import RunInput, RunState
from triggers import names
from triggers.cli.exits import Exit
from triggers.cli.options import Name
from triggers.cli.out import Format, Output, Refusal, answer, document, say
from triggers.cli.session import with_client
from triggers.errors import NoSuchRunError, RunFailedError
from triggers.look import Execution, ask, executions, result_of
from worker.settings import Settings

_SO_FAR = "so-far"
"""Where the records of runs that go on are put: a folder each, beside the records, which hold only what has ended."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(record)


def record(
    name: Name,
    run: Annotated[str, typer.Option(help="A run's id, or its beginning; none: the newest run.")] = "",
    output: Output = Format.TEXT,
) -> None:
    """Write the record of a run now, from what Temporal has: it goes on still, was terminated, or its record is lost.

    A run that goes on gets its own record at its end, whatever was written of it before.
    """
    path, state, over = with_client(lambda client, settings: _kept(client, settings, name, run))
    if output is Format.JSON:
        document(record=str(path), over=over, outcome=state.outcome)
    else:
        answer(str(path))
    if state.ended_at is None:
        what = "was closed in Temporal before its end" if over else "goes on"
        say(f"The run {what}: its record holds what had happened until then.")


async def _kept(client: Client, settings: Settings, name: str, run: str) -> tuple[Path, RunState, bool]:
    from activities.sealing import written  # noqa: PLC0415 - with what signs; other commands of `audit` need none of it
    from audit.record import write  # noqa: PLC0415 - as above

    execution = await _execution(client, name, run)
    handle = client.get_workflow_handle(execution.workflow_id, run_id=execution.run_id, result_type=RunState)
    state = await _state(client, settings, execution, handle)
    history = await handle.fetch_history()
    text = (await _request(client, history)).text or "evac: 1\n"
    over = state.ended_at is not None or not execution.open
    folder = settings.records if over else _aside(settings)
    try:
        path = await written(
            settings.signing_key, lambda sealing: write(folder, state, text, history.to_json(), sealing)
        )
    except OSError as error:
        raise Refusal(Exit.USAGE, f"{folder} cannot be written: {error.strerror or error}") from None
    return path, state, over


async def _execution(client: Client, name: str, run: str) -> Execution:
    """The run. Raises NoSuchRunError."""
    found = await executions(client, f"WorkflowId = '{names.run_id_of(name)}'", 1000 if run else 1)
    for execution in found:
        if execution.run_id.startswith(run):
            return execution
    message = f"there is no run of {name}{f' with the id {run}' if run else ''}: `evac history` lists runs"
    raise NoSuchRunError(message)


async def _state(
    client: Client, settings: Settings, execution: Execution, handle: WorkflowHandle[object, RunState]
) -> RunState:
    """How it stands, or stood when Temporal closed it: a worker tells that of a run without a result, too."""
    if execution.open:
        return await ask(client, settings, handle, RunState)
    try:
        return await result_of(handle)
    except RunFailedError:
        return await ask(client, settings, handle, RunState)


async def _request(client: Client, history: WorkflowHistory) -> RunInput:
    """What the run was asked for."""
    given = history.events[0].workflow_execution_started_event_attributes.input.payloads
    (request,) = await client.data_converter.decode(given, [RunInput])
    return RunInput.model_validate(request)


def _aside(settings: Settings) -> Path:
    moment = datetime.fromtimestamp(time.time(), tz=UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return settings.home / _SO_FAR / moment
