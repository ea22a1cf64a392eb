"""`evac readiness`: could it be moved now? Acts, lag, capacity, secrets, workers, backups, drills, drift."""

import typer
from temporalio.client import Client

from runbooks.models import Procedure
from runbooks.readiness import ReadinessInput, ReadinessState
from runbooks.timetable import Timetable
from triggers.cli.composites import begin
from triggers.cli.files import read_runbook
from triggers.cli.options import File, Following, taking
from triggers.cli.request import trigger
from triggers.cli.session import settings
from triggers.cli.shapes import READINESS
from triggers.cli.timetables import Cron, Every, Stop, Timezone, kept
from triggers.composite import Begun, start_readiness
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
@taking(Following)
def readiness(
    file: File,
    *,
    every: Every = None,
    cron: Cron = None,
    timezone: Timezone = "UTC",
    stop: Stop = False,
    how: Following,
) -> None:
    """Say whether the system could be moved now, and what was proved when: sentences, and a score that decays.

    Nothing is changed. Not ready (something is bad, or cannot be told) is code 1.
    """
    read = read_runbook(file)
    times = Timetable(every=every, cron=cron or "", timezone=timezone)
    if kept(read, Procedure.READINESS, times=times, stop=stop, output=how.output):
        return
    asked = trigger(settings(), Procedure.READINESS, reason=how.reason)
    request = ReadinessInput(runbook=read.runbook, text=read.text, trigger=asked)

    async def _start(client: Client, chosen: Settings) -> Begun[ReadinessState]:
        return await start_readiness(client, chosen, request)

    name = read.runbook.name
    begin(READINESS, name, _start, how, again=f"evac status {name}")
