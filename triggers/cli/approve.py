"""`evac approve`: say yes to a plan, by its checksum. What a person approved is what runs, and nothing else."""

import sys
import time
from typing import Annotated

import typer
from temporalio.client import Client
from temporalio.service import RPCError

from runbooks.budget import budget
from runbooks.runs import DecisionKind, Judged, Phase, RunState, Shown
from runbooks.stakes import time_left
from runbooks.words import clean, route
from triggers.cli.awaited import CHECKSUM_DIGITS
from triggers.cli.exits import Exit
from triggers.cli.judgement import decision_of, tell
from triggers.cli.options import Name
from triggers.cli.out import Format, Output, Refusal, say
from triggers.cli.plans import plan_view
from triggers.cli.screen import console
from triggers.cli.session import at_terminal, with_client
from triggers.errors import TriggerError
from triggers.judgement import Steered, send
from triggers.look import run_state
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def approve(
    name: Name,
    plan: Annotated[str, typer.Option(help="The plan's checksum: 8 or more digits. None: show the plan and ask.")] = "",
    reason: Annotated[str, typer.Option(help="Why: it is kept in the run's record.")] = "",
    output: Output = Format.TEXT,
) -> None:
    """Say yes to the plan that awaits approval. You name it by its checksum, so you cannot approve another."""
    if not plan and not at_terminal():
        message = (
            f"say which plan: evac approve {name} --plan CHECKSUM (8 or more digits; `evac status {name}` shows it)"
        )
        raise Refusal(Exit.USAGE, message)
    checksum = plan.lower() or _asked(with_client(lambda client, settings: run_state(client, settings, name)))

    async def _talk(client: Client, settings: Settings) -> tuple[Judged, Steered]:
        shown = await _shown(client, settings, name, checksum)
        decision = decision_of(settings, DecisionKind.APPROVE, checksum=checksum, reason=reason, shown=shown)
        return await send(client, settings, name, decision)

    tell([with_client(_talk)], output)


async def _shown(client: Client, settings: Settings, name: str, checksum: str) -> Shown | None:
    """Say what is approved, as it stands now; what was said goes with the decision. None: nobody could tell."""
    try:
        state = await run_state(client, settings, name)
    except (TriggerError, RPCError):
        return None
    awaited = state.phase is Phase.AWAITING_APPROVAL and state.checksum.startswith(checksum)
    if state.plan is None or not awaited:
        return None
    now = time.time()
    say(f"You approve: {state.procedure} of {name}, {route(state)}, plan {state.checksum[:CHECKSUM_DIGITS]}")
    for loss in state.plan.loss:
        say(f"  {'may lose' if loss.seconds != 0 else 'loss':<10}{clean(loss.sentence)}")
    say(f"  time      {time_left(state, now)}")
    return Shown(loss=state.plan.loss, left=max(0.0, budget(state, now).left))


def _asked(state: RunState) -> str:
    """Show the plan; its checksum when the person says yes to it. Raises Refusal when not."""
    if state.phase is not Phase.AWAITING_APPROVAL or state.plan is None:
        raise Refusal(Exit.REFUSED, f"nothing awaits approval: the run of {state.runbook} is {state.phase.value}")
    console(sys.stderr).print(plan_view(state.plan), soft_wrap=True)
    say(f"  {'time':<12}{time_left(state, time.time())}")
    short = state.checksum[:CHECKSUM_DIGITS]
    said = typer.prompt(f"Approve this plan? Type {short}, or yes", default="no", show_default=False, err=True).strip()
    if said.lower() == "yes" or (len(said) >= CHECKSUM_DIGITS and state.checksum.startswith(said.lower())):
        return state.checksum
    raise Refusal(Exit.REFUSED, "not approved; the plan still awaits an answer")
