"""`evac restore-test`: restore the newest backup of each store aside, ask it, and remove it."""

from typing import Annotated

import typer
from pydantic import JsonValue
from temporalio.client import Client

from runbooks.models import Procedure, Runbook
from runbooks.restoring import RestoreTestInput, RestoreTestState, stores
from runbooks.timetable import Timetable
from triggers.cli.composites import begin
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.options import File, Following, taking
from triggers.cli.out import Refusal
from triggers.cli.request import check_regions, trigger
from triggers.cli.session import settings
from triggers.cli.shapes import RESTORE_TEST
from triggers.cli.timetables import Cron, Every, Stop, Timezone, kept
from triggers.composite import Begun, start_restore_test
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
@taking(Following)
def restore_test(
    file: File,
    *,
    region: Annotated[str | None, typer.Option(help="Where to restore; none: in the standby region.")] = None,
    resource: Annotated[str | None, typer.Option(help="Only of this store; none: of every one.")] = None,
    every: Every = None,
    cron: Cron = None,
    timezone: Timezone = "UTC",
    stop: Stop = False,
    how: Following,
) -> None:
    """Prove that the newest backup of each store can be restored and answers as the runbook demands.

    It is restored aside, asked, and removed: nothing in use is touched. A backup that is too old is code 1.
    """
    read = read_runbook(file)
    check_regions(read.runbook, region)
    _check_store(read.runbook, resource)
    times = Timetable(every=every, cron=cron or "", timezone=timezone)
    options: dict[str, JsonValue] = {"region": region, "resource": resource}
    if kept(read, Procedure.RESTORE_TEST, times=times, stop=stop, output=how.output, options=options):
        return
    asked = trigger(settings(), Procedure.RESTORE_TEST, region or "", how.reason)
    request = RestoreTestInput(runbook=read.runbook, text=read.text, region=region, resource=resource, trigger=asked)

    async def _start(client: Client, chosen: Settings) -> Begun[RestoreTestState]:
        return await start_restore_test(client, chosen, request)

    name = read.runbook.name
    begin(RESTORE_TEST, name, _start, how, again=f"evac status {name}")


def _check_store(book: Runbook, resource: str | None) -> None:
    """Raises Refusal for what is no store that can be restored."""
    known = stores(book)
    if resource is not None and resource not in known:
        named = ", ".join(known) or "none"
        raise Refusal(Exit.USAGE, f"{book.name} has no store {resource!r} that can be restored; it has: {named}")
