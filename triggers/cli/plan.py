"""`evac plan`: look at everything and derive the plan, here and now, without a run. Nothing is changed."""

import asyncio
import sys
from enum import StrEnum
from typing import Annotated

import typer

from runbooks.durations import duration
from runbooks.estimate import Estimate
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.plan import Plan
from runbooks.runs import RunInput
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.home import home_of, only, way_home
from triggers.cli.options import Accept, File, Target
from triggers.cli.out import Format, Output, Refusal, document
from triggers.cli.plans import plan_view
from triggers.cli.request import run_input
from triggers.cli.screen import console
from triggers.cli.session import settings
from worker.observe import plan_now

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
    request = _request(read_runbook(file), Procedure(procedure), source, target, accept)
    found = asyncio.run(plan_now(request))
    if output is Format.JSON:
        made = None if found.plan is None else found.plan.model_dump(mode="json")
        estimate = None if found.estimate is None else found.estimate.model_dump(mode="json")
        document(plan=made, checksum=found.checksum, error=found.error, estimate=estimate)
    elif found.plan is not None:
        out = console(sys.stdout)
        out.print(plan_view(found.plan), soft_wrap=True)
        if found.estimate is not None:
            out.print(_estimated(found.estimate, found.plan), soft_wrap=True)
    if found.plan is None:
        raise Refusal(Exit.REFUSED, found.error or "no plan can be made")
    _refuse(found.plan)


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


def _estimated(estimate: Estimate, made: Plan) -> str:
    """How long it took before, or that nobody knows."""
    runs = min((estimate.steps[id_].runs for id_ in estimate.critical_path if id_ in estimate.steps), default=0)
    if not runs:
        return f"  {'estimate':<12}never run here yet: about {duration(estimate.median)}, a guess"
    usual, slow = duration(estimate.median), duration(estimate.p95)
    return f"  {'estimate':<12}{usual}, {slow} at worst (95 %) by past runs; the RTO is {duration(made.rto)}"


def _refuse(made: Plan) -> None:
    """End with what must be accepted, if the plan refuses itself."""
    standing = made.standing()
    if not standing:
        return
    names = sorted({refusal.name for refusal in standing if refusal.name is not None})
    accept = f"; what can be accepted: {' '.join(f'--accept {name}' for name in names)}" if names else ""
    count = f"{len(standing)} reason{'' if len(standing) == 1 else 's'}"
    raise Refusal(Exit.REFUSED, f"this plan refuses itself for {count}{accept}")
