"""Starting, steering and reading what is made of other runs: drills, restore tests, readiness reports, evacuations.

Each has one workflow id, so the same one never goes twice at once: whoever asks again gets the one that is going.
"""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from runbooks.drills import DrillInput, DrillState
from runbooks.evacuation import EvacuateInput, EvacuateState, Word
from runbooks.models import Procedure
from runbooks.readiness import ReadinessInput, ReadinessState
from runbooks.restoring import RestoreTestInput, RestoreTestState
from runbooks.runs import Decision
from runbooks.values import Model
from triggers import names
from triggers.errors import NoSuchRunError, RunEndedError
from triggers.look import ask, newest, result_of
from triggers.start import RPC, TASK
from worker.settings import Settings
from workflows.search_attributes import EVAC_PROCEDURE, EVAC_RUNBOOK, EVAC_SOURCE

StateT = TypeVar("StateT", bound=Model)

STATES: dict[str, type[Model]] = {
    Procedure.DRILL.value: DrillState,
    Procedure.READINESS.value: ReadinessState,
    Procedure.RESTORE_TEST.value: RestoreTestState,
    Procedure.EVACUATE.value: EvacuateState,
}
"""What each of them answers, by the type of its workflow."""


@dataclass(frozen=True)
class Begun(Generic[StateT]):
    """What goes now; `joined`: it was going already, and nothing new was started."""

    handle: WorkflowHandle[Any, StateT]
    joined: bool


@dataclass(frozen=True)
class _Asked(Generic[StateT]):
    """What is to be started, and how Temporal's own page shows it."""

    procedure: Procedure
    name: str
    kind: type[StateT]
    summary: str
    runbook: str = ""
    source: str = ""

    def attributes(self) -> TypedSearchAttributes:
        pairs = [SearchAttributePair(EVAC_PROCEDURE, self.procedure.value)]
        pairs += [SearchAttributePair(EVAC_RUNBOOK, self.runbook)] if self.runbook else []
        pairs += [SearchAttributePair(EVAC_SOURCE, self.source)] if self.source else []
        return TypedSearchAttributes(pairs)


async def start_drill(client: Client, settings: Settings, request: DrillInput) -> Begun[DrillState]:
    """Start the drill of the runbook, or find the one that is going."""
    book = request.runbook.name
    name = names.composite_id_of(book, Procedure.DRILL)
    summary = f"{book}: {request.the_mode} drill, asked by {request.trigger.by}"
    asked = _Asked(Procedure.DRILL, name, DrillState, summary, book, request.home)
    return await _begun(client, settings, request, asked)


async def start_readiness(client: Client, settings: Settings, request: ReadinessInput) -> Begun[ReadinessState]:
    """Start the readiness report of the runbook, or find the one that is going."""
    book = request.runbook.name
    name = names.composite_id_of(book, Procedure.READINESS)
    summary = f"{book}: readiness, asked by {request.trigger.by}"
    asked = _Asked(Procedure.READINESS, name, ReadinessState, summary, book)
    return await _begun(client, settings, request, asked)


async def start_restore_test(client: Client, settings: Settings, request: RestoreTestInput) -> Begun[RestoreTestState]:
    """Start the restore test of the runbook, or find the one that is going."""
    book = request.runbook.name
    name = names.composite_id_of(book, Procedure.RESTORE_TEST)
    summary = f"{book}: restore test, asked by {request.trigger.by}"
    asked = _Asked(Procedure.RESTORE_TEST, name, RestoreTestState, summary, book)
    return await _begun(client, settings, request, asked)


async def start_evacuation(client: Client, settings: Settings, request: EvacuateInput) -> Begun[EvacuateState]:
    """Start the evacuation of the region, or find the one that is going."""
    name = names.evacuation_id_of(request.region)
    summary = f"Evacuation of {request.region}: {len(request.books)} runbooks, asked by {request.trigger.by}"
    asked = _Asked(Procedure.EVACUATE, name, EvacuateState, summary, source=request.region)
    return await _begun(client, settings, request, asked)


async def decide_drill(client: Client, runbook: str, decision: Decision) -> None:
    """Hand a decision to the drill that is going (it takes `abort`). Raises RunEndedError when none is."""
    await _signal(client, names.composite_id_of(runbook, Procedure.DRILL), names.DECIDE, decision)


async def say_go_on(client: Client, region: str, word: Word) -> None:
    """Let the evacuation go on in spite of what went wrong. Raises RunEndedError when none is going."""
    await _signal(client, names.evacuation_id_of(region), names.GO_ON, word)


async def say_stop(client: Client, region: str, word: Word) -> None:
    """Let the evacuation start nothing more. Raises RunEndedError when none is going."""
    await _signal(client, names.evacuation_id_of(region), names.STOP, word)


async def composite_state(client: Client, settings: Settings, workflow_id: str, kind: type[StateT]) -> StateT:
    """The newest of that id, going or ended. Raises NoSuchRunError, NoAnswerError, RunFailedError."""
    found = await newest(client, workflow_id)
    if found is None:
        message = f"there is no {_spoken(workflow_id)} yet"
        raise NoSuchRunError(message)
    handle = client.get_workflow_handle(found.workflow_id, run_id=found.run_id, result_type=kind)
    return await ask(client, settings, handle, kind) if found.open else await result_of(handle)


def _spoken(workflow_id: str) -> str:
    """What it is of: `restore test of llm-platform`, `evacuation of us-east-1`."""
    _, first, last = workflow_id.split("/", 2)
    if first == Procedure.EVACUATE:
        return f"evacuation of {last}"
    return f"{last.replace('-', ' ')} of {first}"


async def _begun(client: Client, settings: Settings, request: Model, asked: _Asked[StateT]) -> Begun[StateT]:
    joined, run = False, None
    try:
        started = await client.start_workflow(
            asked.procedure.value,
            request,
            id=asked.name,
            task_queue=settings.task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=asked.summary.encode()[:200].decode(errors="ignore"),
            search_attributes=asked.attributes(),
            task_timeout=TASK,
            rpc_timeout=RPC,
        )
        run = started.result_run_id
    except WorkflowAlreadyStartedError as error:
        joined, run = True, error.run_id
    handle = client.get_workflow_handle(asked.name, run_id=run, result_type=asked.kind)
    return Begun(handle, joined)


async def _signal(client: Client, name: str, signal: str, argument: Model) -> None:
    try:
        await client.get_workflow_handle(name).signal(signal, argument, rpc_timeout=RPC)
    except RPCError as fault:
        if fault.status is not RPCStatusCode.NOT_FOUND:
            raise
        message = f"{name} is not going: there is nothing to say to it"
        raise RunEndedError(message) from None
