"""Sending a decision, and saying what the run made of it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from runbooks.awaited import awaited
from runbooks.drills import DrillState
from runbooks.models import Procedure
from runbooks.runs import Decision, DecisionKind, Judged, RunState, Shown
from triggers import names
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Refusal, conclude, document
from triggers.composite import decide_drill
from triggers.errors import NoAnswerError, NoWorkerError, RunEndedError
from triggers.identity import who
from triggers.look import Execution, ask, newest
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


Steered = RunState | DrillState


async def send(client: Client, settings: Settings, name: str, decision: Decision) -> tuple[Judged, Steered]:
    """Hand the decision to the run that is going (an abort, while none is: to the drill), and wait for its judgement.

    Raises RunEndedError when none is going, NoAnswerError when no worker is there to judge: the decision is kept.
    """
    drill = names.composite_id_of(name, Procedure.DRILL)
    run = await _going(client, names.run_id_of(name))
    if run is not None:
        await decide(client, name, decision, run.run_id)
        return await _judged(client, settings, client.get_workflow_handle(run.workflow_id, run_id=run.run_id), decision)
    if decision.kind is DecisionKind.ABORT and await _going(client, drill) is not None:
        await decide_drill(client, name, decision)
        return await _judged(client, settings, client.get_workflow_handle(drill), decision, DrillState)
    message = f"no run of {name} is going: there is nothing to {decision.kind} (`evac history {name}`)"
    raise RunEndedError(message)


async def _going(client: Client, workflow_id: str) -> Execution | None:
    found = await newest(client, workflow_id)
    return found if found is not None and found.open else None


async def _judged(
    client: Client,
    settings: Settings,
    handle: WorkflowHandle[Any, Any],
    decision: Decision,
    kind: type[RunState] | type[DrillState] = RunState,
) -> tuple[Judged, Steered]:
    """What was made of the decision, as soon as it is known. An ended run is asked for what it left."""
    deadline = time.monotonic() + _PATIENCE
    why = "the run has not judged it"
    while time.monotonic() < deadline:
        try:
            state: Steered = await ask(client, settings, handle, kind)
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


def tell(judged: Sequence[tuple[Judged, Steered]], output: Format) -> None:
    """Say what was made of the decisions; one that was refused ends the command with its sentence."""
    state = judged[-1][1]
    if output is Format.JSON:
        kept = [one.model_dump(mode="json") for one, _ in judged]
        document(judged=kept[-1], decisions=kept, phase=state.phase.value, message=state.message)
    elif any(one.refused is None for one, _ in judged):
        said = [one.decision for one, _ in judged if one.refused is None]
        what = ", ".join(decision.reason for decision in said) if said[0].kind is DecisionKind.ACCEPT else ""
        conclude(f"{said[0].kind}{f' of {what}' if what else ''} by {said[0].by} counts. {_standing(state)}")
    refused = [f"the run refused your {one.decision.kind}: {one.refused}" for one, _ in judged if one.refused]
    if refused:
        raise Refusal(Exit.REFUSED, "; ".join(refused))


def _standing(state: Steered) -> str:
    """What it does now."""
    whom = awaited(state, time.time()) if isinstance(state, RunState) else ""
    return f"{state.runbook} is {state.phase.value}: {f'it awaits {whom}' if whom else state.message}"
