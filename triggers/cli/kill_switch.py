"""`evac kill-switch`: while it is on, nothing begins, and no run takes its next step that cannot be undone."""

import time
from enum import StrEnum
from typing import Annotated

import typer
from temporalio.client import Client

from runbooks.controls import KillSwitch, Release, engaged_sentence
from runbooks.words import clean, day
from triggers.cli.exits import Exit
from triggers.cli.options import offered_names
from triggers.cli.out import Format, Output, Refusal, answer, document
from triggers.cli.session import settings, with_client
from triggers.controls import engage_kill_switch, kill_switch_state, release_kill_switch
from triggers.identity import who
from worker.settings import Settings

app = typer.Typer(add_completion=False)


class Action(StrEnum):
    """What to do with it."""

    ON = "on"
    OFF = "off"
    STATUS = "status"


@app.command()
def kill_switch(
    action: Annotated[Action, typer.Argument(help="Engage it, release it, or tell whether it is engaged.")],
    *,
    runbook: Annotated[
        str,
        typer.Option(metavar="NAME", help="Of this runbook only; none: of all of them.", autocompletion=offered_names),
    ] = "",
    reason: Annotated[str, typer.Option(help="Why: everyone who is stopped by it reads this.")] = "",
    output: Output = Format.TEXT,
) -> None:
    """Stop every run, or those of one runbook, before its next step that cannot be undone. It counts at once.

    Runs wait while it is on; what is being done is finished. It needs no worker to be engaged.
    """
    if action is Action.STATUS:
        _status(runbook, output)
    elif action is Action.ON:
        _on(runbook, reason, output)
    else:
        _off(runbook, reason, output)


def _on(runbook: str, reason: str, output: Format) -> None:
    if not reason:
        raise Refusal(Exit.USAGE, "say why, with --reason: everyone who is stopped by it reads that")
    actor = who(settings())
    switch = KillSwitch(by=actor.name, proof=actor.proof, reason=reason, at=time.time(), scope=runbook)

    async def _talk(client: Client, chosen: Settings) -> tuple[bool, tuple[KillSwitch, ...]]:
        return await engage_kill_switch(client, chosen, switch), await kill_switch_state(client, runbook)

    new, engaged = with_client(_talk)
    if output is Format.JSON:
        document(engaged=_dumped(engaged), new=new)
    else:
        answer("\n".join([*([] if new else ["it is engaged already:"]), *_sentences(engaged)]))


def _off(runbook: str, reason: str, output: Format) -> None:
    actor = who(settings())
    release = Release(by=actor.name, proof=actor.proof, reason=reason, at=time.time())

    async def _talk(client: Client, _chosen: Settings) -> tuple[bool, tuple[KillSwitch, ...]]:
        return await release_kill_switch(client, release, runbook), await kill_switch_state(client, runbook)

    released, still = with_client(_talk)
    if not released:
        message = "it was told to end, and will as soon as a worker runs (`evac worker`); until then it is engaged"
        raise Refusal(Exit.NO_TEMPORAL, message)
    if output is Format.JSON:
        document(engaged=_dumped(still))
    else:
        answer("\n".join([f"released: the kill switch of {runbook or 'every runbook'}", *_sentences(still)]))


def _status(runbook: str, output: Format) -> None:
    engaged = with_client(lambda client, _settings: kill_switch_state(client, runbook))
    if output is Format.JSON:
        document(engaged=_dumped(engaged))
    else:
        of = f" of {runbook}, nor that of every runbook," if runbook else ""
        answer("\n".join(_sentences(engaged)) or f"no kill switch{of} is engaged")


def _sentences(engaged: tuple[KillSwitch, ...]) -> list[str]:
    return [f"{clean(engaged_sentence(switch))} (since {day(switch.at)})" for switch in engaged]


def _dumped(engaged: tuple[KillSwitch, ...]) -> list[object]:
    return [switch.model_dump(mode="json") for switch in engaged]
