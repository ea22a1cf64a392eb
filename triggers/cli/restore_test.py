"""`evac restore-test`: restore the newest backup of each store aside, ask it, and remove it."""

from typing import Annotated

import typer
from temporalio.client import Client

from runbooks.models import Procedure
from runbooks.restoring import RestoreTestInput, RestoreTestState
from triggers.cli.composites import begin
from triggers.cli.files import read_runbook
from triggers.cli.options import File, Following, taking
from triggers.cli.request import check_regions, trigger
from triggers.cli.session import settings
from triggers.cli.shapes import RESTORE_TEST
from triggers.cli.timetables import Every, Stop, kept
from triggers.composite import Begun, start_restore_test
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
@taking(Following)
def restore_test(
    file: File,
    *,
    region: Annotated[str | None, typer.Option(help="Where to restore; none: in the standby region.")] = None,
    every: Every = None,
    stop: Stop = False,
    how: Following,
) -> None:
    """Prove that the newest backup of each store can be restored and answers as the runbook demands.

    It is restored aside, asked, and removed: nothing in use is touched. A backup that is too old is code 1.
    """
    read = read_runbook(file)
    check_regions(read.runbook, region)
    if kept(read, Procedure.RESTORE_TEST, every=every, stop=stop, output=how.output, options={"region": region}):
        return
    asked = trigger(settings(), Procedure.RESTORE_TEST, region or "", how.reason)
    request = RestoreTestInput(runbook=read.runbook, text=read.text, region=region, trigger=asked)

    async def _start(client: Client, chosen: Settings) -> Begun[RestoreTestState]:
        return await start_restore_test(client, chosen, request)

    name = read.runbook.name
    begin(RESTORE_TEST, name, _start, how, again=f"evac status {name}")
