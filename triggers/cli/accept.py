"""`evac accept`: accept by name what could not be proved, or what would be lost."""

from typing import Annotated

import typer
from temporalio.client import Client
from temporalio.service import RPCError

from runbooks.awaited import acceptable, acceptable_refusals, accepting, waiting
from runbooks.runs import DecisionKind, Judged
from runbooks.words import clean
from triggers.cli.exits import Exit
from triggers.cli.judgement import decision_of, tell
from triggers.cli.options import Name
from triggers.cli.out import Format, Output, Refusal, say
from triggers.cli.session import with_client
from triggers.errors import TriggerError
from triggers.judgement import Steered, send
from triggers.look import run_state
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def accept(
    name: Name,
    what: Annotated[
        list[str] | None, typer.Argument(help="What is accepted, such as `loss:vector-db`; none: list it.")
    ] = None,
    step: Annotated[str, typer.Option(help="Accept the missing proof of this waiting step.")] = "",
    plan: Annotated[str, typer.Option(help="The plan's checksum, to be sure which one is meant.")] = "",
    output: Output = Format.TEXT,
) -> None:
    """Accept by name what could not be proved or would be lost, and go on. It is kept with your name."""

    async def _talk(client: Client, settings: Settings) -> list[tuple[Judged, Steered]]:
        judged = []
        for named in what or [await _named(client, settings, name, step)]:
            await _say_what(client, settings, name, named)
            decision = decision_of(settings, DecisionKind.ACCEPT, checksum=plan, step=step, reason=named)
            judged.append(await send(client, settings, name, decision))
        return judged

    tell(with_client(_talk), output)


async def _named(client: Client, settings: Settings, name: str, step: str) -> str:
    """The name of what the step lacks. Raises Refusal, with all that can be accepted now, when none is meant."""
    state = await run_state(client, settings, name)
    by_step = {waits.id: acceptable(state, waits.id) for waits in waiting(state)}
    meant = by_step.get(step)
    if meant is not None:
        return meant
    known = [*acceptable_refusals(state), *(found for found in by_step.values() if found is not None)]
    if not known:
        raise Refusal(
            Exit.USAGE, f"the run of {name} waits for nothing that can be accepted; it is {state.phase.value}"
        )
    raise Refusal(Exit.USAGE, f"say what is accepted: evac accept {name} {' '.join(known)}")


async def _say_what(client: Client, settings: Settings, name: str, named: str) -> None:
    """Say what the name stands for now, if anybody can tell."""
    try:
        state = await run_state(client, settings, name)
    except (TriggerError, RPCError):
        return
    if state.outcome is not None:
        return
    for sentence in accepting(state, named):
        say(f"You accept {named}: {clean(sentence)}")
    if not accepting(state, named):
        say(f"Nothing called {named} is asked for now; it is kept for what the run finds later")
