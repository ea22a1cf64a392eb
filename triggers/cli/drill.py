"""`evac drill`: move out, serve from elsewhere, come home, and be judged; or rehearse aside."""

from typing import Annotated

import typer
from pydantic import JsonValue
from temporalio.client import Client

from runbooks.drills import DrillInput, DrillState, Mode
from runbooks.durations import duration
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.runs import RunInput
from runbooks.timetable import Timetable
from triggers.cli.composites import begin
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.options import Accept, File, Starting, Target, seconds, taking
from triggers.cli.out import Refusal, say
from triggers.cli.planning import dry_run
from triggers.cli.request import check_regions, run_input, trigger
from triggers.cli.session import at_terminal, settings
from triggers.cli.shapes import DRILL
from triggers.cli.timetables import Cron, Every, Stop, Timezone, kept
from triggers.composite import Begun, start_drill
from triggers.describe import DRILL_CONSEQUENCES
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
@taking(Starting)
def drill(
    file: File,
    *,
    isolated: Annotated[
        bool | None,
        typer.Option("--isolated/--full", help="Rehearse on copies, or really move. [default: as declared]"),
    ] = None,
    soak: Annotated[
        float | None,
        typer.Option(parser=seconds, metavar="DURATION", help="How long to serve from elsewhere before going home."),
    ] = None,
    source: Annotated[str | None, typer.Option("--from", help="The region to leave; none: the active one.")] = None,
    target: Target = None,
    accept: Accept = None,
    every: Every = None,
    cron: Cron = None,
    timezone: Timezone = "UTC",
    stop: Stop = False,
    how: Starting,
) -> None:
    """Prove that it works: move out, soak, come home, and measure it against the objectives; the verdict is the code.

    An isolated drill promotes copies of the standbys aside and never touches traffic or writers. A real failover that
    is asked for meanwhile takes over.
    """
    read = read_runbook(file)
    check_regions(read.runbook, source, target)
    mode: Mode | None = None if isolated is None else "isolated" if isolated else "full"
    options: dict[str, JsonValue] = {"mode": mode, "soak": soak, "source": source, "target": target}
    options["accept"] = list(accept or ())
    times = Timetable(every=every, cron=cron or "", timezone=timezone)
    if kept(read, Procedure.DRILL, times=times, stop=stop, output=how.output, options=options):
        return
    asked = trigger(settings(), Procedure.DRILL, source or "", how.reason)
    request = DrillInput(
        runbook=read.runbook,
        text=read.text,
        mode=mode,
        soak=soak,
        source=source,
        target=target,
        accept=tuple(accept or ()),
        trigger=asked,
    )
    if how.dry_run:
        dry_run(_first_run(request, read), how.output)
        return
    if not how.yes:
        _confirm(request)

    async def _start(client: Client, chosen: Settings) -> Begun[DrillState]:
        return await start_drill(client, chosen, request)

    name = read.runbook.name
    begin(DRILL, name, _start, how, again=f"evac watch {name}")


def _first_run(request: DrillInput, read: LoadedRunbook) -> RunInput:
    """What would move first: the rehearsal aside, or the way out. The way home is planned when it is time."""
    return run_input(
        *(settings(), read),
        procedure=Procedure.DRILL if request.the_mode == "isolated" else Procedure.SWITCHOVER,
        source=request.home,
        target=request.target,
        accept=list(request.accept),
    )


def _confirm(request: DrillInput) -> None:
    """A full drill moves what is in use: say so, and ask. Raises Refusal unless a person says yes."""
    if request.the_mode == "isolated":
        return
    name = request.runbook.name
    if not at_terminal():
        raise Refusal(Exit.USAGE, f"say --yes to start the full drill of {name}: nobody can be asked here")
    say(f"Full drill of {name}: out of {request.home}, {duration(request.the_soak)} elsewhere, and home again.")
    for sentence in DRILL_CONSEQUENCES:
        say(f"  - {sentence}")
    if not typer.confirm("Start it?", default=False, err=True):
        raise Refusal(Exit.REFUSED, "not started")
