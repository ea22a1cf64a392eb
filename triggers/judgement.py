"""Sending a decision, and hearing what the run made of it: the same for the command line and Slack."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowHandle

from runbooks.awaited import awaited
from runbooks.drills import DrillState
from runbooks.evacuation import EvacuateState, Word
from runbooks.models import Procedure
from runbooks.runs import Decision, DecisionKind, Judged, RunState
from triggers import names
from triggers.composite import decide_drill, say_go_on, say_stop
from triggers.errors import NoAnswerError, NoWorkerError, RunEndedError
from triggers.look import Execution, StateT, ask, newest
from triggers.start import decide
from worker.settings import Settings

_PATIENCE = 10.0
_PAUSE = 0.1

Steered = RunState | DrillState
AnswerT = TypeVar("AnswerT")


async def send(
    client: Client, settings: Settings, name: str, decision: Decision, run_id: str = ""
) -> tuple[Judged, Steered]:
    """Hand the decision to the run that is going (an abort, while none is: to the drill), and wait for its judgement.

    With `run_id` only that run is meant. Raises RunEndedError when none is going, NoAnswerError when no worker is
    there to judge: the decision is kept.
    """
    run = await _going(client, names.run_id_of(name))
    if run is not None and run_id in ("", run.run_id):
        await decide(client, name, decision, run.run_id)
        return await _judged(client, settings, client.get_workflow_handle(run.workflow_id, run_id=run.run_id), decision)
    if run_id:
        other = f"another run of {name} is going by now" if run is not None else "no other is going"
        message = f"the run that this was about has ended, or went on as another one ({other})"
        raise RunEndedError(message)
    if decision.kind is DecisionKind.ABORT and await _going(client, names.composite_id_of(name, Procedure.DRILL)):
        return await send_to_drill(client, settings, name, decision)
    message = f"no run of {name} is going: there is nothing to {decision.kind} (`evac history {name}`)"
    raise RunEndedError(message)


async def send_to_drill(
    client: Client, settings: Settings, name: str, decision: Decision, run_id: str = ""
) -> tuple[Judged, Steered]:
    """The same to the drill itself, which passes an abort on to the run that goes for it."""
    drill = names.composite_id_of(name, Procedure.DRILL)
    _meant(await _going(client, drill), run_id, f"drill of {name}")
    await decide_drill(client, name, decision)
    return await _judged(client, settings, client.get_workflow_handle(drill), decision, DrillState)


async def tell_evacuation(  # noqa: PLR0913 - whom, what, and whether it is go on or stop
    client: Client, settings: Settings, region: str, word: Word, run_id: str = "", *, go_on: bool
) -> EvacuateState:
    """Say go on or stop to the evacuation, and wait until it has heard. Raises RunEndedError, NoAnswerError."""
    found = await _going(client, names.evacuation_id_of(region))
    _meant(found, run_id, f"evacuation of {region}")
    await (say_go_on if go_on else say_stop)(client, region, word)
    handle = client.get_workflow_handle(names.evacuation_id_of(region))

    def heard(state: EvacuateState) -> EvacuateState | None:
        return state if any(known.id == word.id for known in state.words) else None

    return await _until(client, settings, handle, EvacuateState, heard, "word is kept and will be heard")


def _meant(found: Execution | None, run_id: str, what: str) -> None:
    """Raises RunEndedError when that is not the one that goes."""
    if found is None:
        message = f"no {what} is going: there is nothing to say to it"
        raise RunEndedError(message)
    if run_id not in ("", found.run_id):
        message = f"the {what} that this was about has ended, and another is going by now"
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

    def judged(state: Steered) -> tuple[Judged, Steered] | None:
        return next(((one, state) for one in state.decisions if one.decision.id == decision.id), None)

    return await _until(client, settings, handle, kind, judged, f"{decision.kind} is kept and will be judged")


async def _until(  # noqa: PLR0913, PLR0917 - who is asked for what, and how that is said
    client: Client,
    settings: Settings,
    handle: WorkflowHandle[Any, Any],
    kind: type[StateT],
    answer: Callable[[StateT], AnswerT | None],
    kept: str,
) -> AnswerT:
    """What the state answers, as soon as it does. Raises NoAnswerError."""
    deadline = time.monotonic() + _PATIENCE
    why = "the run has not judged it"
    while time.monotonic() < deadline:
        try:
            state = await ask(client, settings, handle, kind)
        except NoAnswerError as error:
            why = str(error)
            if isinstance(error, NoWorkerError):
                break
        else:
            found = answer(state)
            if found is not None:
                return found
        await asyncio.sleep(_PAUSE)
    message = f"your {kept} as soon as a worker answers: {why}"
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
