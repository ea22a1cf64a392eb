"""`evac failover | switchover | failback`: start a run of a plan, or join the one that is going, and follow it."""

from typing import Annotated

import typer

from runbooks.models import Procedure
from triggers.cli.files import read_runbook
from triggers.cli.home import way_home
from triggers.cli.options import Accept, File, Reason, Serving, Source, Target, Timeout, Wait, Yes
from triggers.cli.out import Format, Output
from triggers.cli.request import run_input
from triggers.cli.session import settings
from triggers.cli.starting import start

failover = typer.Typer(add_completion=False)
switchover = typer.Typer(add_completion=False)
failback = typer.Typer(add_completion=False)


@failover.command("failover")
def _failover(
    file: File,
    *,
    source: Source,
    target: Target = None,
    accept: Accept = None,
    force: Annotated[bool, typer.Option("--force", help="Go on even if the region does not look down.")] = False,
    reason: Reason = "",
    yes: Yes = False,
    wait: Wait = True,
    timeout: Timeout = None,
    output: Output = Format.TEXT,
) -> None:
    """Start a failover out of a region that is presumed dead, or join the one that is going, and follow it live.

    What was not copied out of the region is lost: the plan says how much, before anyone approves it. A switchover,
    failback or drill that is going gives way. A run goes on by itself: leaving this command, or losing this machine,
    does not touch it.
    """
    request = run_input(
        settings(), read_runbook(file), source=source, target=target, accept=accept, force=force, reason=reason
    )
    start(request, yes=yes, wait=wait, timeout=timeout, output=output)


@switchover.command("switchover")
def _switchover(
    file: File,
    *,
    source: Serving,
    target: Target = None,
    accept: Accept = None,
    reason: Reason = "",
    yes: Yes = False,
    wait: Wait = True,
    timeout: Timeout = None,
    output: Output = Format.TEXT,
) -> None:
    """Move everything out of a region that is alive, without losing a write, and follow it live to its end.

    Writes stop until the standby has everything and takes over; the old primary becomes the standby. A region that
    is down cannot be left like this: that is a failover.
    """
    request = run_input(
        *(settings(), read_runbook(file)),
        procedure=Procedure.SWITCHOVER,
        source=source,
        target=target,
        accept=accept,
        reason=reason,
    )
    start(request, yes=yes, wait=wait, timeout=timeout, output=output)


@failback.command("failback")
def _failback(
    file: File,
    *,
    source: Annotated[str | None, typer.Option("--from", help="The region that serves now; none: found out.")] = None,
    target: Annotated[str | None, typer.Option("--to", help="The region to go home to; none: the active one.")] = None,
    accept: Accept = None,
    reason: Reason = "",
    yes: Yes = False,
    wait: Wait = True,
    timeout: Timeout = None,
    output: Output = Format.TEXT,
) -> None:
    """Go home after a failover: the former primary is rebuilt, proved equal, and takes over again without a loss.

    What only the former primary has is written to a file first, for review; rebuilding it destroys that. The standby
    becomes a standby again, of its normal size.
    """
    read = read_runbook(file)
    serving, home = way_home(read.runbook, source, target)
    request = run_input(
        *(settings(), read),
        procedure=Procedure.FAILBACK,
        source=serving,
        target=home,
        accept=accept,
        reason=reason,
    )
    start(request, yes=yes, wait=wait, timeout=timeout, output=output)
