"""`evac plan`: look at everything and derive the plan, here and now, without a run. Nothing is changed."""

import asyncio
import sys

import typer

from runbooks.plan import Plan
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.options import Accept, File, Source, Target
from triggers.cli.out import Format, Output, Refusal, document
from triggers.cli.plans import plan_view
from triggers.cli.request import run_input
from triggers.cli.screen import console
from triggers.cli.session import settings
from worker.observe import plan_now

app = typer.Typer(add_completion=False)


@app.command()
def plan(
    file: File, *, source: Source, target: Target = None, accept: Accept = None, output: Output = Format.TEXT
) -> None:
    """Show what a failover out of a region would do now: its steps, its loss, and why it would refuse itself.

    It looks at the real resources, changes nothing, and needs no Temporal. A run makes a plan of its own.
    """
    request = run_input(settings(), read_runbook(file), source=source, target=target, accept=accept)
    found = asyncio.run(plan_now(request))
    if output is Format.JSON:
        made = None if found.plan is None else found.plan.model_dump(mode="json")
        document(plan=made, checksum=found.checksum, error=found.error)
    elif found.plan is not None:
        console(sys.stdout).print(plan_view(found.plan), soft_wrap=True)
    if found.plan is None:
        raise Refusal(Exit.REFUSED, found.error or "no plan can be made")
    _refuse(found.plan)


def _refuse(made: Plan) -> None:
    """End with what must be accepted, if the plan refuses itself."""
    standing = made.standing()
    if not standing:
        return
    names = sorted({refusal.name for refusal in standing if refusal.name is not None})
    accept = f"; what can be accepted: {' '.join(f'--accept {name}' for name in names)}" if names else ""
    count = f"{len(standing)} reason{'' if len(standing) == 1 else 's'}"
    raise Refusal(Exit.REFUSED, f"this plan refuses itself for {count}{accept}")
