"""Putting a drill, a readiness report or a restore test on a schedule, and taking it off again."""

from typing import Annotated

import typer
from pydantic import JsonValue
from temporalio.client import Client

from runbooks.durations import duration
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.timetable import ScheduleRequest, Timetable
from triggers.cli.exits import Exit
from triggers.cli.options import seconds
from triggers.cli.out import Format, Refusal, answer, document
from triggers.cli.session import settings, with_client
from triggers.identity import who
from triggers.schedules import delete_schedule, put_schedule
from worker.settings import Settings

Every = Annotated[
    float | None,
    typer.Option(parser=seconds, metavar="DURATION", help="Put it on a schedule instead, such as 7d or 12h."),
]
Stop = Annotated[bool, typer.Option("--stop", help="Take it off its schedule; what is going goes on.")]


def kept(
    read: LoadedRunbook,
    procedure: Procedure,
    *,
    every: float | None,
    stop: bool,
    output: Format,
    options: dict[str, JsonValue] | None = None,
) -> bool:
    """Whether this was about the schedule; then it has been kept, and told."""
    if every is not None and stop:
        raise Refusal(Exit.USAGE, "say either --every or --stop")
    if stop:
        _delete(read.runbook.name, procedure, output)
    elif every is not None:
        _put(read, procedure, every, options or {}, output)
    return stop or every is not None


def _put(
    read: LoadedRunbook, procedure: Procedure, every: float, options: dict[str, JsonValue], output: Format
) -> None:
    actor = who(settings())
    request = ScheduleRequest(
        procedure=procedure,
        runbook=read.runbook,
        text=read.text,
        timetable=Timetable(every=every),
        options=options,
        by=actor.name,
        proof=actor.proof,
    )

    async def _talk(client: Client, chosen: Settings) -> bool:
        return await put_schedule(client, chosen, request)

    new = with_client(_talk)
    name = read.runbook.name
    if output is Format.JSON:
        document(runbook=name, procedure=procedure.value, every=every, new=new)
        return
    how = "scheduled" if new else "scheduled anew"
    answer(
        f"{how}: a {procedure} of {name} every {duration(every)}, of the runbook as it is now (say it after an edit)"
    )


def _delete(name: str, procedure: Procedure, output: Format) -> None:
    with_client(lambda client, _settings: delete_schedule(client, name, procedure))
    if output is Format.JSON:
        document(runbook=name, procedure=procedure.value, every=None)
    else:
        answer(f"off the schedule: the {procedure} of {name}")
