"""`evac evacuate`: every runbook that touches a region leaves it, in waves."""

import time
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from temporalio.client import Client

from runbooks.evacuation import Book, EvacuateInput, EvacuateState, EvacuationError, Word, waves
from runbooks.models import Procedure
from runbooks.runs import RunInput
from triggers.asking import books_in
from triggers.cli.composites import begin
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbooks
from triggers.cli.options import Accept, Force, Starting, seconds, taking
from triggers.cli.out import Format, Refusal, answer, document, say
from triggers.cli.planning import dry_runs
from triggers.cli.request import trigger
from triggers.cli.session import at_terminal, settings, with_client
from triggers.cli.shapes import EVACUATION
from triggers.composite import Begun, say_go_on, say_stop, start_evacuation
from triggers.identity import who
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
@taking(Starting)
def evacuate(
    region: Annotated[str, typer.Argument(help="The region to leave.")],
    files: Annotated[list[Path] | None, typer.Argument(help="Runbook files, or folders of them.")] = None,
    *,
    force: Force = False,
    accept: Accept = None,
    at_once: Annotated[int, typer.Option(min=1, max=100, help="How many go at the same time.")] = 5,
    gap: Annotated[float, typer.Option(parser=seconds, metavar="DURATION", help="Between two starts.")] = 1.0,
    canary: Annotated[
        bool, typer.Option("--canary/--no-canary", help="The first must be verified elsewhere before the others start.")
    ] = True,
    error_rate: Annotated[
        float, typer.Option(min=0, max=1, help="When a larger share went wrong, start nothing more unasked.")
    ] = 0.3,
    go_on: Annotated[bool, typer.Option("--go-on", help="Tell the one that waits to go on.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Tell the one that is going to start nothing more.")] = False,
    how: Starting,
) -> None:
    """Move every runbook that touches the region out of it: by `depends_on`, then by priority, a few at a time.

    Each goes by a failover of its own, with its own approvals. Evac starts nothing more unasked when the first one,
    or too many, went wrong: it waits for `--go-on` or `--stop`.
    """
    if go_on or stop:
        if go_on and stop:
            raise Refusal(Exit.USAGE, "say either --go-on or --stop")
        _tell(region, go_on, how.reason, how.output)
        return
    request = EvacuateInput(
        region=region,
        books=_books(region, files or []),
        force=force,
        accept=tuple(accept or ()),
        at_once=at_once,
        gap=gap,
        stop_on_error_rate=error_rate,
        canary=canary,
        trigger=trigger(settings(), Procedure.EVACUATE, region, how.reason),
    )
    if how.dry_run:
        dry_runs(_plans(request), how.output)
        return
    if not how.yes:
        _confirm(request)

    async def _start(client: Client, chosen: Settings) -> Begun[EvacuateState]:
        return await start_evacuation(client, chosen, request)

    begin(EVACUATION, region, _start, how, again=f"evac watch {region}")


def _books(region: str, files: list[Path]) -> tuple[Book, ...]:
    """The runbooks that have the region, of those files and folders. Raises Refusal when there is none."""
    read = read_runbooks(files)
    if not read:
        raise Refusal(Exit.USAGE, f"say which runbooks leave {region}: files, or folders that hold some")
    found = books_in(region, read)
    if not found:
        raise Refusal(Exit.USAGE, f"none of the {len(read)} runbooks has a region {region}")
    return found


def _order(request: EvacuateInput) -> tuple[tuple[str, ...], ...]:
    """The waves. Raises Refusal when there is no order."""
    try:
        return waves([book.runbook for book in request.books], request.region)
    except EvacuationError as error:
        raise Refusal(Exit.REFUSED, str(error)) from None


def _plans(request: EvacuateInput) -> dict[str, list[RunInput]]:
    """The failover of each runbook, by wave."""
    books = {book.runbook.name: book for book in request.books}

    def asked(name: str) -> RunInput:
        return RunInput(
            runbook=books[name].runbook,
            text=books[name].text,
            source=request.region,
            accept=request.accept,
            force=request.force,
            trigger=request.trigger,
        )

    return {f"wave {number}": [asked(name) for name in wave] for number, wave in enumerate(_order(request), 1)}


def _confirm(request: EvacuateInput) -> None:
    """Say in which order, and ask. Raises Refusal unless a person says yes."""
    order = _order(request)
    if not at_terminal():
        raise Refusal(Exit.USAGE, f"say --yes to evacuate {request.region}: nobody can be asked here")
    say(f"Evacuation of {request.region}, each runbook by a failover of its own:")
    for number, wave in enumerate(order, 1):
        say(f"  wave {number}: {', '.join(wave)}")
    say(f"  - Data: what {request.region} had not copied is LOST; over its RPO a runbook's plan refuses itself.")
    if request.force:
        asked = f"Nobody checks that {request.region} is down. Type its name to start"
        meant = str(typer.prompt(asked, default="", show_default=False, err=True)).strip() == request.region
    else:
        meant = typer.confirm("Start it?", default=False, err=True)
    if not meant:
        raise Refusal(Exit.REFUSED, "not started")


def _tell(region: str, go_on: bool, reason: str, output: Format) -> None:
    actor = who(settings())
    word = Word(id=uuid4().hex, by=actor.name, at=time.time(), reason=reason, proof=actor.proof)
    send = say_go_on if go_on else say_stop
    with_client(lambda client, _settings: send(client, region, word))
    said = "go on" if go_on else "stop"
    if output is Format.JSON:
        document(region=region, said=said, by=actor.name)
    else:
        answer(f"told the evacuation of {region}: {said}; see `evac watch {region}`")
