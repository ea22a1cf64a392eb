"""`evac replay`: a past run on the code of today, what people saw at any moment of it, and what would be otherwise."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from audit.bundle import BundleError
from audit.store import StoreError
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Output, Refusal, conclude, document
from triggers.cli.replay_all import gate
from triggers.cli.replay_step import show_at, walk
from triggers.cli.replay_whatif import otherwise
from triggers.cli.session import settings, silence_core
from triggers.replay.differences import difference
from triggers.replay.recording import Recording, find
from triggers.replay.witness import BY_NAME, Replayed, Witness

app = typer.Typer(add_completion=False)


@app.command()
def replay(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN|PATH",
            help="A run's id (or its beginning), a record, or a runbook (its newest); folders with --all.",
        ),
    ] = None,
    *,
    step: Annotated[bool, typer.Option("--step", help="Walk through it, event by event.")] = False,
    at: Annotated[str, typer.Option(metavar="TIME|EVENT", help="Show what people saw then: 12:03:05, or 68.")] = "",
    against: Annotated[
        str | None,
        typer.Option(
            metavar="RUNBOOK|planner",
            help="What this runbook, or today's planner, would have made of the same readings.",
        ),
    ] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="The same with one setting changed.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Replay every recording in these folders: a gate for CI.")
    ] = False,
    processes: Annotated[int | None, typer.Option(min=1, help="With --all: how many at once (default: cores).")] = None,
    output: Output = Format.TEXT,
) -> None:
    """Replay past runs from their records alone: no server is asked, and nothing is changed.

    Without options: whether the code of today does what was done then, or where it first goes another way (code 1).
    """
    silence_core()
    logging.getLogger("temporalio.worker").setLevel(
        logging.CRITICAL
    )  # what goes otherwise is said in a sentence, below
    if every:
        gate([Path(run) for run in runs or []] or [settings().records], processes, output)
        return
    if len(runs or []) != 1:
        raise Refusal(Exit.USAGE, "name one run, or the path of its record; several of them with `--all`")
    recording = _recording((runs or [""])[0])
    if against is not None or change:
        otherwise(recording, against, change or [], output)
    elif at:
        show_at(recording, _replayed(recording, ask=True), at, output)
    elif step:
        walk(recording, _replayed(recording, ask=True), output)
    else:
        _same(recording, _replayed(recording, ask=False), output)


def _recording(run: str) -> Recording:
    try:
        recording = find(settings().records, run)
    except (BundleError, StoreError) as error:
        raise Refusal(Exit.USAGE, str(error)) from None
    if recording.workflow not in BY_NAME:
        raise Refusal(
            Exit.USAGE, f"{recording.name} ran the workflow {recording.workflow}, which this release does not have"
        )
    return recording


def _replayed(recording: Recording, *, ask: bool) -> Replayed:
    return asyncio.run(Witness([BY_NAME[recording.workflow]], ask=ask).replay(recording.history))


def _same(recording: Recording, replayed: Replayed, output: Format) -> None:
    """Say whether it goes as it went. A difference ends the command with code 1."""
    found = difference(recording.history, replayed)
    events = len(recording.history.events)
    if output is Format.JSON:
        first = None
        if found is not None:
            first = {"event": found.event, "at": found.at, "recorded": found.recorded, "now": found.now}
            first["temporal"] = found.why
        document(
            run=recording.name, workflow=recording.workflow, events=events, deterministic=found is None, first=first
        )
    elif found is None:
        conclude(f"{recording.name}: the code of today does what was done then: {events} events, no difference.")
    if found is None:
        return
    if output is Format.TEXT:
        sys.stdout.flush()
    after = "A run that is going must end on the code that it began with; or give the change a `workflow.patched`"
    raise Refusal(Exit.FAILED, f"{recording.name} goes another way: {found.sentence}. {after}")
