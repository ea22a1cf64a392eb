"""`evac failover | switchover | failback`: start a run of a plan, or join the one that is going, and follow it."""

from typing import Annotated

import typer

from runbooks.models import Procedure
from triggers.cli.files import read_runbook
from triggers.cli.home import way_home
from triggers.cli.options import Accept, File, Force, Serving, Source, Starting, Target, taking
from triggers.cli.planning import dry_run
from triggers.cli.request import run_input
from triggers.cli.session import settings
from triggers.cli.starting import start

failover = typer.Typer(add_completion=False)
switchover = typer.Typer(add_completion=False)
failback = typer.Typer(add_completion=False)


@failover.command("failover")
@taking(Starting)
def _failover(
    file: File, *, source: Source, target: Target = None, accept: Accept = None, force: Force = False, how: Starting
) -> None:
    """Start a failover out of a region that is presumed dead, or join the one that is going, and follow it live.

    What was not copied out of the region is lost: the plan says how much, before anyone approves it. A switchover,
    failback or drill that is going gives way. A run goes on by itself: leaving this command, or losing this machine,
    does not touch it.
    """
    _begin(Procedure.FAILOVER, file, source=source, target=target, accept=accept, how=how, force=force)


@switchover.command("switchover")
@taking(Starting)
def _switchover(file: File, *, source: Serving, target: Target = None, accept: Accept = None, how: Starting) -> None:
    """Move everything out of a region that is alive, without losing a write, and follow it live to its end.

    Writes stop until the standby has everything and takes over; the old primary becomes the standby. A region that
    is down cannot be left like this: that is a failover.
    """
    _begin(Procedure.SWITCHOVER, file, source=source, target=target, accept=accept, how=how)


@failback.command("failback")
@taking(Starting)
def _failback(
    file: File,
    *,
    source: Annotated[str | None, typer.Option("--from", help="The region that serves now; none: found out.")] = None,
    target: Annotated[str | None, typer.Option("--to", help="The region to go home to; none: the active one.")] = None,
    accept: Accept = None,
    how: Starting,
) -> None:
    """Go home after a failover: the former primary is rebuilt, proved equal, and takes over again without a loss.

    What only the former primary has is written to a file first, for review; rebuilding it destroys that. The standby
    becomes a standby again, of its normal size.
    """
    _begin(Procedure.FAILBACK, file, source=source, target=target, accept=accept, how=how)


def _begin(
    procedure: Procedure,
    file: File,
    *,
    source: str | None,
    target: str | None,
    accept: list[str] | None,
    how: Starting,
    force: bool = False,
) -> None:
    """Show the plan, or start the run."""
    read = read_runbook(file)
    if procedure is Procedure.FAILBACK or source is None:
        source, target = way_home(read.runbook, source, target)
    request = run_input(
        *(settings(), read),
        procedure=procedure,
        source=source,
        target=target,
        accept=accept,
        force=force,
        reason=how.reason,
    )
    if how.dry_run:
        dry_run(request, how.output)
    else:
        start(request, how)
