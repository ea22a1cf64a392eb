"""`evac failover`: start a failover, or join the one that is going, and follow it."""

from typing import Annotated

import typer
from temporalio.client import Client

from runbooks.runs import RunInput, RunState
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.follow import report
from triggers.cli.live import Follower, waits
from triggers.cli.options import Accept, File, Source, Target, Timeout
from triggers.cli.out import Format, Output, Refusal, answer, document, leave, say
from triggers.cli.request import run_input
from triggers.cli.screen import screen
from triggers.cli.session import at_terminal, settings, with_client
from triggers.errors import NoAnswerError
from triggers.look import ask
from triggers.start import Started, start_run
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def failover(
    file: File,
    *,
    source: Source,
    target: Target = None,
    accept: Accept = None,
    force: Annotated[bool, typer.Option("--force", help="Go on even if the region does not look down.")] = False,
    reason: Annotated[str, typer.Option(help="Why: it is kept in the run's record.")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before starting. (Plans are approved apart.)")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the run to its end, or only start it.")] = True,
    timeout: Timeout = None,
    output: Output = Format.TEXT,
) -> None:
    """Start a failover out of a region, or join the one that is going, and follow it live to its end.

    A run goes on by itself: leaving this command, or losing this machine, does not touch it.
    """
    request = run_input(
        settings(), read_runbook(file), source=source, target=target, accept=accept, force=force, reason=reason
    )
    if not yes:
        _confirm(request)

    async def _talk(client: Client, chosen: Settings) -> RunState | None:
        started = await start_run(client, chosen, request)
        _refuse_another_source(request, started)
        say(_beginning(started))
        with screen(answers_json=output is Format.JSON) as shown:
            return await Follower(client, chosen, started.handle).follow(shown, timeout)

    if wait:
        leave(report(request.runbook.name, lambda: with_client(_talk), output))
    else:
        _only_start(request, output)


def _only_start(request: RunInput, output: Format) -> None:
    async def _talk(client: Client, chosen: Settings) -> tuple[Started, RunState | str]:
        started = await start_run(client, chosen, request)
        try:
            return started, await ask(client, chosen, started.handle, RunState)
        except NoAnswerError as error:
            return started, str(error)

    started, seen = with_client(_talk)
    _refuse_another_source(request, started)
    if output is Format.JSON:
        state = seen.model_dump(mode="json") if isinstance(seen, RunState) else None
        document(id=started.handle.id, run=started.handle.run_id, joined=started.joined, state=state)
    else:
        answer(_beginning(started))
    if isinstance(seen, str):
        raise Refusal(Exit.NO_TEMPORAL, seen)
    leave(Exit.WAITING if waits(seen) else Exit.DONE)


def _refuse_another_source(request: RunInput, started: Started) -> None:
    """A run that leaves another region is not what was asked for: it refuses the request, and so do we."""
    going = started.request
    if going.source != request.source:
        message = (
            f"not started: a failover of {going.runbook.name} out of {going.source} is going "
            f"(asked by {going.trigger.by}), and there is one at a time; see `evac watch {going.runbook.name}`"
        )
        raise Refusal(Exit.REFUSED, message)


def _beginning(started: Started) -> str:
    """Started or joined; joining a run that does something else is said aloud."""
    asked = started.request
    way = f"{asked.source} -> {asked.target or 'the best target'}"
    name = asked.runbook.name
    if not started.joined:
        return f"started: failover of {name}, {way} (run {started.handle.run_id}); follow it with `evac watch {name}`"
    return (
        f"joined: a failover of {name}, {way}, is going already, asked by {asked.trigger.by} "
        f"(run {started.handle.run_id}); nothing else was started"
    )


def _confirm(request: RunInput) -> None:
    book = request.runbook
    way = f"{request.source} -> {request.target or 'the best target'}"
    if not at_terminal():
        message = f"say --yes to start the failover of {book.name}, {way}: nobody can be asked here"
        raise Refusal(Exit.USAGE, message)
    rule = book.policy.failover.approval
    asked = f"{rule.count} approval(s) by {', '.join(rule.by) or 'anyone'}" if rule.count else "NO further approval"
    say(f"Failover of {book.name}: {way}, presuming {request.source} dead. Its plan then needs {asked}.")
    if not typer.confirm("Start it?", default=False, err=True):
        raise Refusal(Exit.REFUSED, "not started")
