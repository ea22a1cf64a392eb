"""`evac list`: every runbook that is known, by what goes on, what was recorded, and what is scheduled."""

import sys

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.words import clean, day
from triggers.cli.out import Format, Output, document
from triggers.cli.screen import console
from triggers.cli.session import settings, with_client
from triggers.known import Known, in_records, in_temporal, together
from worker.connect import CannotReachTemporalError

app = typer.Typer(add_completion=False)


@app.command("list")
def list_(output: Output = Format.TEXT) -> None:
    """List every runbook that is known: what goes on, what ended last, what is scheduled.

    Evac keeps no list of runbooks: those are known that ran, are watched or scheduled, or have a record here. While
    Temporal cannot be reached only the records are listed, and the code is 6.
    """
    recorded = in_records(settings().records)
    unreached: CannotReachTemporalError | None = None
    try:
        known = together(with_client(lambda client, _settings: in_temporal(client)), recorded)
    except CannotReachTemporalError as error:
        known, unreached = together(recorded), error
    if output is Format.JSON:
        document(runbooks=[one.model_dump(mode="json") for one in known], complete=unreached is None)
    elif known:
        console(sys.stdout).print(listing(known))
    elif unreached is None:
        console(sys.stdout).print(
            "No runbook is known yet. `evac init` writes one; `evac validate` checks it.", soft_wrap=True
        )
    if unreached is not None:
        raise unreached


def listing(known: list[Known]) -> RenderableType:
    """A line for each thing that is known of each runbook."""
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(overflow="fold")
    for one in known:
        for number, (what, when) in enumerate(_lines(one)):
            table.add_row(Text(clean(one.runbook) if number == 0 else "", style="bold"), what, Text(when, style="dim"))
    return table


def _lines(one: Known) -> list[tuple[Text, str]]:
    found = [(Text(f"{run.procedure} goes on", style="bold cyan"), f"since {day(run.at)}") for run in one.going]
    if one.watched:
        found.append((Text("detector armed", style="green"), ""))
    found += [
        (
            Text(f"{each.procedure} {'paused' if each.paused else 'scheduled'}"),
            "" if each.next_at is None else f"next {day(each.next_at)}",
        )
        for each in one.schedules
    ]
    if one.last is not None:
        kept = f"; {one.records} record{'' if one.records == 1 else 's'}" if one.records else ""
        found.append((Text(f"last {one.last.procedure}"), f"{day(one.last.at)}{kept}"))
    return found or [(Text("nothing goes on"), "")]
