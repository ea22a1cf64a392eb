"""`evac detect`: arm the detector that starts failovers, or stop it."""

from pathlib import Path
from typing import Annotated

import typer
from temporalio.client import Client

from runbooks.models import Runbook
from runbooks.watches import WatchInput
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.options import Accept, offered_names
from triggers.cli.out import Format, Output, Refusal, answer, document, say
from triggers.cli.session import with_client
from triggers.look import deaf_vantages
from triggers.start import start_watch, stop_watch
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def detect(
    file: Annotated[Path | None, typer.Argument(help="The runbook's file.")] = None,
    stop: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Stop the detector of this runbook instead.", autocompletion=offered_names),
    ] = None,
    report_only: Annotated[bool, typer.Option("--report-only", help="Report what is seen; start nothing.")] = False,
    accept: Accept = None,
    output: Output = Format.TEXT,
) -> None:
    """Arm the detector of a runbook: it starts a failover when enough vantage points see a region down.

    It goes on by itself until `evac detect --stop NAME`; `evac watch NAME` shows what it sees.
    """
    if (file is None) == (stop is None):
        raise Refusal(Exit.USAGE, "say either a runbook's file (arm its detector) or --stop NAME")
    if stop is not None:
        _stop(stop, output)
    elif file is not None:
        read = read_runbook(file)
        accepted = tuple(accept or ())
        request = WatchInput(runbook=read.runbook, text=read.text, start_failover=not report_only, accept=accepted)
        _arm(request, output)


def _arm(request: WatchInput, output: Format) -> None:
    async def _talk(client: Client, settings: Settings) -> tuple[bool, list[str]]:
        new = await start_watch(client, settings, request)
        return new, await deaf_vantages(client, settings, _vantages(request.runbook))

    new, deaf = with_client(_talk)
    name = request.runbook.name
    if output is Format.JSON:
        document(runbook=name, armed=True, new=new, start_failover=request.start_failover, deaf=deaf)
    else:
        does = "starts a failover when a region is down" if request.start_failover else "reports only"
        answer(f"{'armed' if new else 'armed already'}: the detector of {name} {does}; see `evac watch {name}`")
    for vantage in deaf:
        say(f"evac: no worker listens at {vantage}, so it has no voice: start `evac worker --vantage {vantage}` there")


def _vantages(runbook: Runbook) -> tuple[str, ...]:
    """Every vantage point that counts for some region."""
    return tuple(dict.fromkeys(vantage for region in runbook.regions for vantage in runbook.vantages_for(region)))


def _stop(name: str, output: Format) -> None:
    stopped = with_client(lambda client, _settings: stop_watch(client, name))
    if not stopped:
        message = f"the detector of {name} was told to stop, and will as soon as a worker runs (`evac worker`)"
        raise Refusal(Exit.NO_TEMPORAL, message)
    if output is Format.JSON:
        document(runbook=name, armed=False)
    else:
        answer(f"stopped: the detector of {name}")
