"""`evac history`: what has ended, from Temporal: outcome, and how long the system was down against its objective."""

import asyncio
import sys
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text
from temporalio.client import Client

from runbooks.outlook import against_rto, elapsed
from runbooks.runs import RunState
from runbooks.telling import not_recovered
from triggers import names
from triggers.cli.options import MaybeName
from triggers.cli.out import Format, Output, document
from triggers.cli.rows import Head, Row, listed, row
from triggers.cli.screen import console
from triggers.cli.session import with_client
from triggers.cli.shapes import BY_TYPE
from triggers.cli.view import run_view
from triggers.look import executions
from triggers.overview import OTHERS, Seen, seen_of
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def history(
    name: MaybeName = None,
    run: Annotated[str, typer.Option(help="A run's id, whole or its beginning: show it with all its events.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    output: Output = Format.TEXT,
) -> None:
    """List what has ended (runs, drills, reports, evacuations), or show one with all its events.

    Temporal forgets after its retention; the records stay. Of what was planned, the time without writes is shown.
    """
    found = with_client(lambda client, settings: _past(client, settings, name, run, limit))
    if output is Format.JSON:
        document(runs=[_json(seen) for seen in found])
        return
    out = console(sys.stdout)
    if not found:
        out.print("Temporal remembers no run that has ended.", soft_wrap=True)
    elif run:
        for seen in found:
            out.print(_whole(seen))
    else:
        out.print(listed([_row(seen) for seen in found], out.width))


async def _past(client: Client, settings: Settings, name: str | None, run: str, limit: int) -> list[Seen]:
    kinds = f"WorkflowType IN ({names.QUOTED_RUNS}, {OTHERS})"
    ids = (
        f"(WorkflowId = '{names.run_id_of(name)}' OR WorkflowId STARTS_WITH '{names.run_id_of(name)}/')" if name else ""
    )
    where = f"{kinds} AND ExecutionStatus != 'Running'{f' AND {ids}' if ids else ''}"
    found = await executions(client, where, 1000 if run else limit)
    if run:
        found = [execution for execution in found if execution.run_id.startswith(run)]
    return list(await asyncio.gather(*(seen_of(client, settings, execution) for execution in found)))


def _json(seen: Seen) -> dict[str, Any]:
    execution = seen.execution
    head = {"runbook": seen.subject, "id": execution.run_id, "procedure": execution.kind, "status": execution.status}
    if isinstance(seen.state, Exception):
        return {**head, "state": None, "error": str(seen.state)}
    dumped = {**head, "state": seen.state.model_dump(mode="json")}
    if not isinstance(seen.state, RunState):
        return dumped
    spent = against_rto(seen.state, seen.state.triggered_at)
    in_all = elapsed(seen.state, seen.state.triggered_at)
    within = spent <= seen.state.rto and not not_recovered(seen.state)
    return {**dumped, "seconds": in_all, "against_rto": spent, "within_rto": within}


def _whole(seen: Seen) -> RenderableType:
    if isinstance(seen.state, Exception):
        return Text(str(seen.state))
    if isinstance(seen.state, RunState):
        return run_view(seen.state, seen.execution.started_at)
    return BY_TYPE[seen.execution.kind].view(seen.state, seen.execution.started_at)


def _row(seen: Seen) -> Row:
    execution = seen.execution
    head = Head(execution.started_at, seen.subject, execution.kind, execution.status, execution.run_id)
    return row(head, seen.state)
