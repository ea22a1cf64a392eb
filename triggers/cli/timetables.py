"""Putting a drill, a readiness report or a restore test on a schedule, and taking it off again."""

from typing import Annotated

import typer
from pydantic import JsonValue
from temporalio.client import Client

from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.timetable import ScheduleRequest, Timetable
from triggers.cli.exits import Exit
from triggers.cli.options import seconds
from triggers.cli.out import Format, Refusal, answer, document, say
from triggers.cli.session import settings, with_client
from triggers.identity import who
from triggers.schedules import delete_schedule, put_schedule
from worker.settings import Settings

Every = Annotated[
    float | None,
    typer.Option(parser=seconds, metavar="DURATION", help="Put it on a schedule instead, such as 7d or 12h."),
]
Cron = Annotated[
    str | None,
    typer.Option(metavar="LINE", help="Put it on a schedule instead, by a cron line such as '0 3 * * sun'."),
]
Timezone = Annotated[str, typer.Option(metavar="ZONE", help="Of the cron line, such as Europe/Berlin.")]
Stop = Annotated[bool, typer.Option("--stop", help="Take it off its schedule; what is going goes on.")]


def kept(
    read: LoadedRunbook,
    procedure: Procedure,
    *,
    times: Timetable,
    stop: bool,
    output: Format,
    options: dict[str, JsonValue] | None = None,
) -> bool:
    """Whether this was about the schedule; then it has been kept, and told."""
    asked = times.every is not None or bool(times.cron)
    if asked and stop:
        raise Refusal(Exit.USAGE, "say either --stop, or --every or --cron")
    if times.timezone != "UTC" and not times.cron:
        raise Refusal(Exit.USAGE, "--timezone is for a --cron line")
    if stop:
        _delete(read.runbook.name, procedure, output)
    elif asked:
        given: dict[str, JsonValue] = {
            name: value for name, value in (options or {}).items() if value not in (None, [])
        }
        _put(read, procedure, times, given, output)
    return stop or asked


def _put(
    read: LoadedRunbook, procedure: Procedure, times: Timetable, options: dict[str, JsonValue], output: Format
) -> None:
    actor = who(settings())
    request = ScheduleRequest(
        procedure=procedure,
        runbook=read.runbook,
        text=read.text,
        timetable=times,
        options=options,
        by=actor.name,
        proof=actor.proof,
    )

    async def _talk(client: Client, chosen: Settings) -> bool:
        return await put_schedule(client, chosen, request)

    new = with_client(_talk)
    name = read.runbook.name
    if output is Format.JSON:
        document(runbook=name, procedure=procedure.value, **times.model_dump(mode="json"), new=new)
        return
    how = "scheduled" if new else "scheduled anew"
    answer(f"{how}: a {procedure} of {name} {times.words}, of the runbook as it is now (say it after an edit)")
    if any(rule.procedure is procedure for rule in read.runbook.schedules):
        say("evac: the runbook declares this schedule, too: the next `evac schedule sync` makes it as declared again")


def _delete(name: str, procedure: Procedure, output: Format) -> None:
    with_client(lambda client, _settings: delete_schedule(client, name, procedure))
    if output is Format.JSON:
        document(runbook=name, procedure=procedure.value, every=None)
    else:
        answer(f"off the schedule: the {procedure} of {name}")
