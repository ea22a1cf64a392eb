"""`evac schedule`: what is done again and again, as Temporal keeps it, and as the runbooks declare it."""

import sys
from enum import StrEnum
from typing import Annotated

import typer
from temporalio.client import Client

from runbooks.models import Procedure
from runbooks.timetable import SCHEDULED, ScheduleState
from triggers.cli.exits import Exit
from triggers.cli.options import MaybeName, Name
from triggers.cli.out import Format, Output, Refusal, answer, document
from triggers.cli.schedule_sync import sync
from triggers.cli.schedule_view import schedule_table
from triggers.cli.screen import console
from triggers.cli.session import settings, with_client
from triggers.identity import who
from triggers.schedules import delete_schedule, pause_schedule, schedules, unpause_schedule
from worker.settings import Settings

_HELP = "Keep drills, readiness reports and restore tests at their times, in Temporal, as the runbooks declare them."
app = typer.Typer(no_args_is_help=True, help=_HELP, add_completion=False)
app.command()(sync)


class Scheduled(StrEnum):
    """What can be on a schedule."""

    DRILL = "drill"
    READINESS = "readiness"
    RESTORE_TEST = "restore-test"


Which = Annotated[Scheduled, typer.Argument(metavar="PROCEDURE", help=" | ".join(SCHEDULED))]
Why = Annotated[str, typer.Option(help="Why: everyone who looks at the schedule reads this.")]


@app.command(name="list")
def list_(
    name: MaybeName = None,
    output: Output = Format.TEXT,
) -> None:
    """List what is on a schedule: when, when next, and of which text of the runbook."""

    async def _talk(client: Client, _settings: Settings) -> list[ScheduleState]:
        return await schedules(client, name)

    found = with_client(_talk)
    if output is Format.JSON:
        document(schedules=[state.model_dump(mode="json") for state in found])
    elif found:
        console(sys.stdout).print(schedule_table(found))
    else:
        answer(f"nothing{f' of {name}' if name else ''} is on a schedule; `evac schedule sync FILE` puts it there")


@app.command()
def pause(name: Name, procedure: Which, *, reason: Why = "", output: Output = Format.TEXT) -> None:
    """Let its times pass until it is unpaused; what is going goes on. It stays paused when it is synced."""
    if not reason:
        raise Refusal(Exit.USAGE, "say why, with --reason: everyone who looks at the schedule reads that")
    why = _told("paused", reason)
    with_client(lambda client, _settings: pause_schedule(client, name, Procedure(procedure), why))
    _answer("paused", name, procedure, output)


@app.command()
def unpause(name: Name, procedure: Which, *, reason: Why = "", output: Output = Format.TEXT) -> None:
    """Let its times count again, from the next one on: what was missed is not made up for."""
    why = _told("unpaused", reason)
    with_client(lambda client, _settings: unpause_schedule(client, name, Procedure(procedure), why))
    _answer("unpaused", name, procedure, output)


@app.command()
def remove(name: Name, procedure: Which, output: Output = Format.TEXT) -> None:
    """Take it off its schedule; what is going goes on. A sync puts it back if the runbook declares it."""
    with_client(lambda client, _settings: delete_schedule(client, name, Procedure(procedure)))
    _answer("off the schedule", name, procedure, output)


def _told(what: str, reason: str) -> str:
    return f"{what} by {who(settings()).name}" + (f": {reason}" if reason else "")


def _answer(what: str, name: str, procedure: Scheduled, output: Format) -> None:
    if output is Format.JSON:
        document(runbook=name, procedure=procedure.value, done=what)
    else:
        answer(f"{what}: the {procedure.value} of {name}")
