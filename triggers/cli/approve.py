"""`evac approve`: say yes to a plan, by its checksum. What a person approved is what runs, and nothing else."""

import sys
from typing import Annotated

import typer
from temporalio.client import Client

from runbooks.runs import DecisionKind, Judged, Phase, RunState
from triggers.cli.awaited import CHECKSUM_DIGITS
from triggers.cli.exits import Exit
from triggers.cli.judgement import decision_of, send, tell
from triggers.cli.out import Format, Output, Refusal
from triggers.cli.plans import plan_view
from triggers.cli.screen import console
from triggers.cli.session import at_terminal, with_client
from triggers.look import run_state
from worker.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def approve(
    name: Annotated[str, typer.Argument(help="The runbook's name.")],
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
    checksum = plan or _asked(with_client(lambda client, settings: run_state(client, settings, name)))

    async def _talk(client: Client, settings: Settings) -> tuple[Judged, RunState]:
        decision = decision_of(settings, DecisionKind.APPROVE, checksum=checksum, reason=reason)
        return await send(client, settings, name, decision)

    tell(*with_client(_talk), output)


def _asked(state: RunState) -> str:
    """Show the plan; its checksum when the person says yes to it. Raises Refusal when not."""
    if state.phase is not Phase.AWAITING_APPROVAL or state.plan is None:
        raise Refusal(Exit.REFUSED, f"nothing awaits approval: the run of {state.runbook} is {state.phase.value}")
    console(sys.stderr).print(plan_view(state.plan), soft_wrap=True)
    short = state.checksum[:CHECKSUM_DIGITS]
    said = typer.prompt(f"Approve this plan? Type {short}, or yes", default="no", show_default=False, err=True).strip()
    if said.lower() == "yes" or (len(said) >= CHECKSUM_DIGITS and state.checksum.startswith(said.lower())):
        return state.checksum
    raise Refusal(Exit.REFUSED, "not approved; the plan still awaits an answer")
