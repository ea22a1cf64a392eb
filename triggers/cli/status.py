"""`evac status`: one run as it stands, or all that goes on now."""

import asyncio
import sys
import time
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from temporalio.client import Client
from temporalio.service import RPCError

from runbooks.durations import duration
from runbooks.outlook import against_rto, elapsed
from runbooks.runs import RunState, WatchState
from triggers import names
from triggers.cli.out import Format, Output, document
from triggers.cli.screen import console
from triggers.cli.session import with_client
from triggers.cli.view import run_view
from triggers.cli.watching import watch_view
from triggers.cli.words import clean, day, route
from triggers.errors import NoAnswerError, NoSuchRunError
from triggers.look import Execution, executions, run_state, watch_state
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def status(
    name: Annotated[str | None, typer.Argument(help="The runbook's name; none: everything that goes on now.")] = None,
    output: Output = Format.TEXT,
) -> None:
    """Show one run (the newest of that runbook) and its detector, or every run and detector going on now."""
    if name is None:
        _all(output)
    else:
        _one(name, output)


def _one(name: str, output: Format) -> None:
    run, detector = with_client(lambda client, settings: _run_and_detector(client, settings, name))
    why = detector if isinstance(detector, str) else ""
    seen = detector if isinstance(detector, WatchState) else None
    if output is Format.JSON:
        document(run=_dump(run), detector=_dump(seen), detector_error=why or None)
        return
    out = console(sys.stdout)
    if run is not None:
        out.print(run_view(run, time.time()))
    if run is not None and detector is not None:
        out.print()
    if seen is not None:
        out.print(watch_view(seen, time.time()))
    elif why:
        out.print(Text(f"A detector is armed, but cannot be asked: {why}", style="yellow"), soft_wrap=True)


async def _run_and_detector(
    client: Client, settings: Settings, name: str
) -> tuple[RunState | None, WatchState | str | None]:
    """The newest run, if there is one, and what its detector sees, or why it does not say."""
    detector: WatchState | str | None
    try:
        detector = await watch_state(client, settings, name)
    except NoAnswerError as error:
        detector = str(error)
    try:
        return await run_state(client, settings, name), detector
    except NoSuchRunError:
        if detector is None:
            raise
        return None, detector


def _dump(model: Any) -> Any:  # noqa: ANN401 - a model or None, as JSON
    return None if model is None else model.model_dump(mode="json")


def _all(output: Format) -> None:
    runs, detectors = with_client(_going)
    if output is Format.JSON:
        document(
            runs=[{"runbook": run.runbook, "id": run.run_id, "state": _dump(_state(seen))} for run, seen in runs],
            detectors=[{"runbook": watch.runbook, "started_at": watch.started_at} for watch in detectors],
        )
        return
    out = console(sys.stdout)
    if not runs:
        out.print("No run is going. `evac history` lists past runs.")
    else:
        out.print(_table(runs, time.time()))
    for watch in detectors:
        out.print(f"Detector armed: {watch.runbook}, since {day(watch.started_at)}", soft_wrap=True)


Seen = RunState | NoAnswerError | RPCError


async def _going(client: Client, settings: Settings) -> tuple[list[tuple[Execution, Seen]], list[Execution]]:
    kinds = f"WorkflowType IN ({names.QUOTED_RUNS}, '{names.WATCH}')"
    found = await executions(client, f"{kinds} AND ExecutionStatus = 'Running'")
    runs = [execution for execution in found if execution.kind in names.RUNS]
    seen = await asyncio.gather(*(_ask(client, settings, run) for run in runs))
    return list(zip(runs, seen, strict=True)), [e for e in found if e.kind == names.WATCH]


async def _ask(client: Client, settings: Settings, run: Execution) -> Seen:
    """One run that cannot be read must not hide the others."""
    try:
        return await run_state(client, settings, run.runbook, run.run_id)
    except (NoAnswerError, RPCError) as error:
        return error


def _state(seen: Seen) -> RunState | None:
    return seen if isinstance(seen, RunState) else None


def _table(runs: list[tuple[Execution, Seen]], now: float) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("RUNBOOK", "FROM -> TO", "PHASE", "ELAPSED", "RTO", "WHAT"):
        table.add_column(title, overflow="fold")
    for run, seen in runs:
        if isinstance(seen, RunState):
            late = "red" if against_rto(seen, now) > seen.rto else ""
            spent = Text(duration(elapsed(seen, now)), style=late)
            what = Text(clean(seen.message))
            table.add_row(seen.runbook, route(seen), seen.phase.value, spent, duration(seen.rto), what)
        else:
            since = duration(now - run.started_at)
            table.add_row(run.runbook, "?", "?", since, "?", Text(clean(str(seen)), style="yellow"))
    return table
