"""`evac plan`: look at everything and derive the plan, here and now, without a run. Nothing is changed."""

from enum import StrEnum
from typing import Annotated

import typer

from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.runs import RunInput
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.home import home_of, only, way_home
from triggers.cli.options import Accept, File, Target
from triggers.cli.out import Format, Output, Refusal
from triggers.cli.planning import show_plan
from triggers.cli.request import run_input
from triggers.cli.session import settings

app = typer.Typer(add_completion=False)


class Planned(StrEnum):
    """The procedures that have a plan."""

    FAILOVER = "failover"
    SWITCHOVER = "switchover"
    FAILBACK = "failback"
    DRILL = "drill"


@app.command()
def plan(
    file: File,
    *,
    procedure: Annotated[Planned, typer.Option(help="What would be done.")] = Planned.FAILOVER,
    source: Annotated[
        str | None, typer.Option("--from", help="The region to leave; a failback or drill finds out by itself.")
    ] = None,
    target: Target = None,
    accept: Accept = None,
    output: Output = Format.TEXT,
) -> None:
    """Show what a procedure would do now: its steps, its loss, and why it would refuse itself.

    It looks at the real resources, changes nothing, and needs no Temporal. A run makes a plan of its own.
    """
    show_plan(_request(read_runbook(file), Procedure(procedure), source, target, accept), output)


def _request(
    read: LoadedRunbook, procedure: Procedure, source: str | None, target: str | None, accept: list[str] | None
) -> RunInput:
    """The request; Raises Refusal when the region to leave must be told."""
    book = read.runbook
    if procedure is Procedure.FAILBACK:
        source, target = way_home(book, source, target)
    elif procedure is Procedure.DRILL:
        source = source or only(home_of(book), f"{book.name} has several active regions: say --from")
    elif source is None:
        raise Refusal(Exit.USAGE, f"say which region is left: --from {' | '.join(book.regions)}")
    return run_input(settings(), read, procedure=procedure, source=source, target=target, accept=accept)
