"""`evac history`: the runs that have ended, from Temporal: outcome, and recovery time against its objective."""

import asyncio
import sys
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from temporalio.client import Client
from temporalio.service import RPCError

from runbooks.durations import duration
from runbooks.outlook import against_rto, elapsed
from runbooks.runs import RunState
from triggers import names
from triggers.cli.out import Format, Output, document
from triggers.cli.screen import console
from triggers.cli.session import with_client
from triggers.cli.view import run_view
from triggers.cli.words import clean, day
from triggers.errors import TriggerError
from triggers.look import Execution, executions, run_state
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def history(
    name: Annotated[str | None, typer.Argument(help="The runbook's name; none: all runbooks.")] = None,
    run: Annotated[str, typer.Option(help="A run's id, whole or its beginning: show it with all its events.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    output: Output = Format.TEXT,
) -> None:
    """List past runs, or show one with all its events.

    Temporal forgets ended runs after its retention; the records that the runs wrote stay.
    """
    found = with_client(lambda client, settings: _past(client, settings, name, run, limit))
    if output is Format.JSON:
        document(runs=[_json(execution, seen) for execution, seen in found])
        return
    out = console(sys.stdout)
    if not found:
        out.print("Temporal remembers no run that has ended.", soft_wrap=True)
    elif run:
        for execution, seen in found:
            out.print(run_view(seen, execution.started_at) if isinstance(seen, RunState) else str(seen))
    else:
        out.print(_table(found))


async def _past(
    client: Client, settings: Settings, name: str | None, run: str, limit: int
) -> list[tuple[Execution, RunState | str]]:
    only = f" AND WorkflowId = '{names.run_id_of(name)}'" if name else ""
    where = f"WorkflowType IN ({names.QUOTED_RUNS}) AND ExecutionStatus != 'Running'{only}"
    found = await executions(client, where, 1000 if run else limit)
    if run:
        found = [execution for execution in found if execution.run_id.startswith(run)]
    seen = await asyncio.gather(*(_state(client, settings, execution) for execution in found))
    return list(zip(found, seen, strict=True))


async def _state(client: Client, settings: Settings, run: Execution) -> RunState | str:
    """One run that cannot be read must not hide the others."""
    if run.status == "continued-as-new":
        return "it gave way to a failover, which went on as the next run"
    try:
        return await run_state(client, settings, run.runbook, run.run_id)
    except (TriggerError, RPCError) as error:
        return str(error)


def _json(execution: Execution, seen: RunState | str) -> dict[str, Any]:
    head = {"runbook": execution.runbook, "id": execution.run_id, "status": execution.status}
    if isinstance(seen, str):
        return {**head, "state": None, "error": seen}
    spent = against_rto(seen, seen.triggered_at)
    measured = {"seconds": elapsed(seen, seen.triggered_at), "against_rto": spent, "within_rto": spent <= seen.rto}
    return {**head, **measured, "state": seen.model_dump(mode="json")}


def _table(found: list[tuple[Execution, RunState | str]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("WHEN", "RUNBOOK", "PROCEDURE", "FROM -> TO", "OUTCOME", "DOWN / RTO", "RUN"):
        table.add_column(title, overflow="fold")
    for execution, seen in found:
        when, run = day(execution.started_at), execution.run_id[:13]
        if isinstance(seen, str):
            table.add_row(when, execution.runbook, execution.kind, "?", execution.status, Text(clean(seen)), run)
            continue
        spent = against_rto(seen, seen.triggered_at)
        measured = Text(f"{duration(spent)} / {duration(seen.rto)}", style="" if spent <= seen.rto else "red")
        if spent > seen.rto:
            measured.append(" OVER")
        outcome = seen.outcome.value if seen.outcome else execution.status
        way = f"{seen.source} -> {seen.target or 'none'}"
        table.add_row(when, seen.runbook, seen.procedure.value, way, outcome, measured, run)
    return table
