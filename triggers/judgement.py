"""Sending a decision, and hearing what the run made of it: the same for the command line and Slack."""

import asyncio
import time
from typing import Any

from temporalio.client import Client, WorkflowHandle

from runbooks.awaited import awaited
from runbooks.drills import DrillState
from runbooks.models import Procedure
from runbooks.runs import Decision, DecisionKind, Judged, RunState
from triggers import names
from triggers.composite import decide_drill
from triggers.errors import NoAnswerError, NoWorkerError, RunEndedError
from triggers.look import Execution, ask, newest
from triggers.start import decide
from worker.settings import Settings

_PATIENCE = 10.0
_PAUSE = 0.1

Steered = RunState | DrillState


async def send(
    client: Client, settings: Settings, name: str, decision: Decision, run_id: str = ""
) -> tuple[Judged, Steered]:
    """Hand the decision to the run that is going (an abort, while none is: to the drill), and wait for its judgement.

    With `run_id` only that run is meant. Raises RunEndedError when none is going, NoAnswerError when no worker is
    there to judge: the decision is kept.
    """
    drill = names.composite_id_of(name, Procedure.DRILL)
    run = await _going(client, names.run_id_of(name))
    if run is not None and run_id in ("", run.run_id):
        await decide(client, name, decision, run.run_id)
        return await _judged(client, settings, client.get_workflow_handle(run.workflow_id, run_id=run.run_id), decision)
    if run_id:
        other = f"another run of {name} is going by now" if run is not None else "no other is going"
        message = f"the run that this was about has ended, or went on as another one ({other})"
        raise RunEndedError(message)
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


def counts(decisions: list[Decision], state: Steered) -> str:
    """That these decisions of one kind count, and what is going on now."""
    first = decisions[0]
    what = ", ".join(decision.reason for decision in decisions) if first.kind is DecisionKind.ACCEPT else ""
    whom = awaited(state, time.time()) if isinstance(state, RunState) else ""
    now = f"{state.runbook} is {state.phase.value}: {f'it awaits {whom}' if whom else state.message}"
    return f"{first.kind}{f' of {what}' if what else ''} by {first.by} counts. {now}"


def refused(judged: Judged) -> str | None:
    """Why the run did not count it, or None."""
    return f"the run refused your {judged.decision.kind}: {judged.refused}" if judged.refused else None
