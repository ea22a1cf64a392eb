"""Sending a decision, and saying what the run made of it."""

import asyncio
import time
from uuid import uuid4

from temporalio.client import Client

from runbooks.runs import Decision, DecisionKind, Judged, RunState, Shown
from triggers import names
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Refusal, answer, document
from triggers.errors import NoAnswerError, NoWorkerError, RunEndedError
from triggers.identity import who
from triggers.look import newest, run_state
from triggers.start import decide
from worker.settings import Settings

_PATIENCE = 10.0
_PAUSE = 0.1


def decision_of(
    settings: Settings,
    kind: DecisionKind,
    *,
    checksum: str = "",
    step: str = "",
    reason: str = "",
    shown: Shown | None = None,
) -> Decision:
    """The decision of the person at this command line. Its id makes it count once, however often it arrives."""
    actor = who(settings)
    return Decision(
        id=uuid4().hex,
        kind=kind,
        by=actor.name,
        proof=actor.proof,
        at=time.time(),
        checksum=checksum,
        step=step,
        reason=reason,
        shown=shown,
    )


async def send(client: Client, settings: Settings, name: str, decision: Decision) -> tuple[Judged, RunState]:
    """Hand the decision to the run that is going, and wait for its judgement.

    Raises RunEndedError when none is going, NoAnswerError when no worker is there to judge: the decision is kept.
    """
    run = await newest(client, names.run_id_of(name))
    if run is None or not run.open:
        message = f"no run of {name} is going: there is nothing to {decision.kind} (`evac history {name}`)"
        raise RunEndedError(message)
    await decide(client, name, decision, run.run_id)
    deadline = time.monotonic() + _PATIENCE
    why = "the run has not judged it"
    while time.monotonic() < deadline:
        try:
            state = await run_state(client, settings, name, run.run_id)
        except NoAnswerError as error:
            why = str(error)
            if isinstance(error, NoWorkerError):
                break
        else:
            for judged in state.decisions:
                if judged.decision.id == decision.id:
                    return judged, state
        await asyncio.sleep(_PAUSE)
    message = f"your {decision.kind} is kept and will be judged as soon as a worker answers: {why}"
    raise NoAnswerError(message)


def tell(judged: Judged, state: RunState, output: Format) -> None:
    """Say what the run made of the decision; refused ends the command with its sentence."""
    said = judged.decision
    if output is Format.JSON:
        document(judged=judged.model_dump(mode="json"), phase=state.phase.value, message=state.message)
    if judged.refused is not None:
        raise Refusal(Exit.REFUSED, f"the run refused your {said.kind}: {judged.refused}")
    if output is Format.TEXT:
        answer(f"{said.kind} by {said.by} counts. {state.runbook} is {state.phase.value}: {state.message}")
