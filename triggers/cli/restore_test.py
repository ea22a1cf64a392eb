"""`evac restore-test`: restore the newest backup of each store aside, ask it, and remove it."""

from typing import Annotated

import typer
from temporalio.client import Client

from runbooks.models import Procedure
from runbooks.restoring import RestoreTestInput, RestoreTestState
from triggers.cli.composites import begin
from triggers.cli.files import read_runbook
from triggers.cli.options import File, Reason, Timeout, Wait
from triggers.cli.out import Format, Output
from triggers.cli.request import check_regions, trigger
from triggers.cli.session import settings
from triggers.cli.shapes import RESTORE_TEST
from triggers.cli.timetables import Every, Stop, kept
from triggers.composite import Begun, start_restore_test
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def restore_test(
    file: File,
    *,
    region: Annotated[str | None, typer.Option(help="Where to restore; none: in the standby region.")] = None,
    every: Every = None,
    stop: Stop = False,
    reason: Reason = "",
    wait: Wait = True,
    timeout: Timeout = None,
    output: Output = Format.TEXT,
) -> None:
    """Prove that the newest backup of each store can be restored and answers as the runbook demands.

    It is restored aside, asked, and removed: nothing in use is touched. A backup that is too old is code 1.
    """
    read = read_runbook(file)
    check_regions(read.runbook, region)
    if kept(read, Procedure.RESTORE_TEST, every=every, stop=stop, output=output, options={"region": region}):
        return
    asked = trigger(settings(), Procedure.RESTORE_TEST, region or "", reason)
    request = RestoreTestInput(runbook=read.runbook, text=read.text, region=region, trigger=asked)

    async def _start(client: Client, chosen: Settings) -> Begun[RestoreTestState]:
        return await start_restore_test(client, chosen, request)

    name = read.runbook.name
    begin(RESTORE_TEST, name, _start, wait=wait, timeout=timeout, output=output, again=f"evac status {name}")
