"""Starting a run of a plan, or joining the one that is going: the same for failover, switchover and failback."""

import asyncio
import time

import typer
from temporalio.client import Client

from runbooks.runs import Phase, RunInput, RunState
from triggers.cli.exits import Exit
from triggers.cli.follow import report
from triggers.cli.lines import closing
from triggers.cli.live import Follower, code_of, waits
from triggers.cli.options import Starting
from triggers.cli.out import Format, Refusal, answer, conclude, document, leave, say
from triggers.cli.screen import screen
from triggers.cli.session import at_terminal, with_client
from triggers.describe import approvals, consequences, way
from triggers.errors import NoAnswerError
from triggers.joining import another, beginning
from triggers.look import ask
from triggers.start import Started, start_run
from worker.settings import Settings

_UNDECIDED = frozenset({Phase.CONFIRMING, Phase.OBSERVING, Phase.PLANNING})
_MOMENT, _PAUSE = 3.0, 0.1
"""Seconds: so long --no-wait looks whether the run that it started is over, or waits for a person, and how often."""


def start(request: RunInput, how: Starting) -> None:
    """Ask whether it is meant, start or join the run, and follow it (or only start it). Ends with its exit code."""
    if not how.yes:
        _confirm(request)
    if not how.wait:
        _only_start(request, how.output)
        return

    async def _talk(client: Client, chosen: Settings) -> RunState | None:
        started = await start_run(client, chosen, request)
        _refuse_another(request, started)
        say(beginning(request, started))
        with screen(answers_json=how.output is Format.JSON) as shown:
            return await Follower(client, chosen, started.handle).follow(shown, how.timeout)

    leave(report(request.runbook.name, lambda: with_client(_talk), how.output))


def _only_start(request: RunInput, output: Format) -> None:
    async def _talk(client: Client, chosen: Settings) -> tuple[Started, RunState | str]:
        started = await start_run(client, chosen, request)
        try:
            return started, await _first_sight(client, chosen, started)
        except NoAnswerError as error:
            return started, str(error)

    started, seen = with_client(_talk)
    _refuse_another(request, started)
    if output is Format.JSON:
        state = seen.model_dump(mode="json") if isinstance(seen, RunState) else None
        document(id=started.handle.id, run=started.handle.run_id, joined=started.joined, state=state)
    else:
        answer(beginning(request, started))
    if isinstance(seen, str):
        raise Refusal(Exit.NO_TEMPORAL, seen)
    if seen.outcome is not None:  # it was over within that moment: `started` alone would leave it at that
        (say if output is Format.JSON else conclude)(closing(seen))
        leave(code_of(seen))
    leave(Exit.WAITING if waits(seen) else Exit.DONE)


async def _first_sight(client: Client, chosen: Settings, started: Started) -> RunState:
    """The run's state as soon as it is known whether it waits for a person, or after a moment."""
    deadline = time.monotonic() + _MOMENT
    while True:
        state = await ask(client, chosen, started.handle, RunState)
        if state.phase not in _UNDECIDED or waits(state) or time.monotonic() >= deadline:
            return state
        await asyncio.sleep(_PAUSE)


def _refuse_another(request: RunInput, started: Started) -> None:
    """A run that does something else is not what was asked for: it refuses the request, and so do we."""
    why_not = another(request, started)
    if why_not is not None:
        raise Refusal(Exit.REFUSED, why_not)


def _confirm(request: RunInput) -> None:
    """Say what it does to writes and data, and ask. Raises Refusal unless a person says yes."""
    what = f"{request.procedure} of {request.runbook.name}, {way(request)}"
    if not at_terminal():
        raise Refusal(Exit.USAGE, f"say --yes to start the {what}: nobody can be asked here")
    say(f"{what.capitalize()}.")
    for sentence in (*consequences(request), f"Its plan then needs {approvals(request)}."):
        say(f"  - {sentence}")
    if not (_typed(request.source) if request.force else typer.confirm("Start it?", default=False, err=True)):
        raise Refusal(Exit.REFUSED, "not started")


def _typed(region: str) -> bool:
    """What can lose data on one person's word wants more than a y: the name of the region."""
    asked = f"Nobody checks that {region} is down. Type its name to start"
    return str(typer.prompt(asked, default="", show_default=False, err=True)).strip() == region
