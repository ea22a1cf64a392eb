"""`evac alerts`: what came in by the alert door, and what was made of it."""

import sys
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from runbooks.words import clean, day
from triggers.alerts.dead_letters import DeadLetter, dead_letters, folder_of
from triggers.cli.alerts_show import show
from triggers.cli.out import Format, Output, document
from triggers.cli.screen import console
from triggers.cli.session import settings

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def alerts() -> None:
    """Look at what came in by the alert door (`evac serve`), and what was made of it."""


app.command()(show)


app.command()(show)


@app.command()
def dead(
    source: Annotated[str, typer.Option(help="Only of this source, such as alertmanager, or of source/name.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the newest ones.")] = 20,
    output: Output = Format.TEXT,
) -> None:
    """List what led to nothing: bodies that could not be understood, and alerts that no rule is about.

    They are kept on the machine that serves, under EVAC_HOME. Forged requests are only counted.
    """
    home = settings().home
    wanted = [letter for letter in dead_letters(home) if not source or source in _names(letter)]
    found = wanted[-limit:]
    if output is Format.JSON:
        document(folder=str(folder_of(home)), total=len(wanted), dead_letters=[_json(letter) for letter in found])
        return
    out = console(sys.stdout)
    if not found:
        out.print(f"No dead letters{f' of {source}' if source else ''} in {folder_of(home)}.", soft_wrap=True)
        return
    out.print(_table(found))
    if len(wanted) > len(found):
        out.print(f"{len(wanted) - len(found)} older ones are not shown; --limit shows more.", soft_wrap=True)


def _names(letter: DeadLetter) -> tuple[str, str]:
    return letter.source, f"{letter.source}/{letter.name}"


def _table(found: list[DeadLetter]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("WHEN", "ENDPOINT", "WHY"):
        table.add_column(title, overflow="fold", no_wrap=title == "WHEN")
    table.add_column("WHAT", overflow="fold", ratio=1)
    for letter in found:
        table.add_row(day(letter.at), f"{letter.source}/{letter.name}", letter.why, Text(clean(_what(letter))))
    return table


def _what(letter: DeadLetter) -> str:
    if letter.alert is None:
        return f"{letter.sentence}  {letter.body[:120]}"
    alert = letter.alert
    labels = " ".join(f"{name}={value}" for name, value in alert.labels.items())
    return f"{alert.status}: {alert.title or alert.key}  {labels}"


def _json(letter: DeadLetter) -> dict[str, Any]:
    return letter.model_dump(mode="json")
