"""Looking over a workflow's shoulder while Temporal's own replayer runs it.

After each activation the workflow can be asked for its state by the very query that `evac status` asks, in its
sandbox; and what the code of today wants done is noted, to be laid beside what was done then.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import _Definition

from triggers import names
from worker.build import WORKFLOWS
from worker.sandbox import Sandbox

BY_NAME: dict[str, type] = {str(_Definition.must_from_class(workflow).name): workflow for workflow in WORKFLOWS}
"""Every workflow of today, by its name."""


@dataclass(frozen=True)
class Turn:
    """One activation: the workflow knew the events until `length`, and wanted `commands` done."""

    length: int
    at: float
    commands: tuple[WorkflowCommand, ...]
    failed: str
    """Why the code could not go on; empty: it could."""
    state: bytes | None
    """Its state as JSON, when it was asked and has one."""


@dataclass(frozen=True)
class Replayed:
    """How one history went: `failure` is what Temporal's replayer says is not as it was, or None."""

    turns: tuple[Turn, ...]
    failure: Exception | None


class Witness:
    """Replays histories one after another. `ask`: keep every turn, with the state; else only the last one."""

    def __init__(self, workflows: Iterable[type] = WORKFLOWS, *, ask: bool = False) -> None:
        self._turns: list[Turn] = []
        self._ask = ask
        self._runner = _Runner(self._note, ask=ask)
        self._replayer = Replayer(
            workflows=list(workflows),
            data_converter=pydantic_data_converter,
            workflow_runner=self._runner,
        )

    async def replay(self, history: WorkflowHistory) -> Replayed:
        """Replay one."""
        async with self.replaying(_only(history)) as results:
            async for replayed in results:
                return replayed
        raise AssertionError

    @asynccontextmanager
    async def replaying(self, histories: AsyncIterator[WorkflowHistory]) -> AsyncIterator[AsyncIterator[Replayed]]:
        """Replay many: each is read when the one before has ended, so memory stays flat."""
        async with self._replayer.workflow_replay_iterator(self._placed(histories)) as results:

            async def _each() -> AsyncIterator[Replayed]:
                async for result in results:
                    turns, self._turns = tuple(self._turns), []
                    yield Replayed(turns, result.replay_failure)

            yield _each()

    async def _placed(self, histories: AsyncIterator[WorkflowHistory]) -> AsyncIterator[WorkflowHistory]:
        """Temporal's replayer has a task queue of its own; a workflow that asks for its queue is told the real one."""
        async for history in histories:
            started = history.events[0].workflow_execution_started_event_attributes
            self._runner.task_queue = started.task_queue.name
            yield history

    def _note(self, turn: Turn) -> None:
        if not self._ask:
            self._turns.clear()
        self._turns.append(turn)


async def _only(history: WorkflowHistory) -> AsyncIterator[WorkflowHistory]:
    yield history


class _Runner(WorkflowRunner):
    """Temporal's sandbox, as a worker uses it, with somebody who looks on."""

    def __init__(self, note: Callable[[Turn], None], *, ask: bool) -> None:
        self._inner = Sandbox()
        self._note = note
        self._ask = ask
        self.task_queue = ""
        """Of the history that comes next."""

    def prepare_workflow(self, defn: Any) -> None:  # noqa: ANN401 - the SDK has no public name for it
        """Check that the workflow can be run."""
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Begin one."""
        placed = replace(det, info=replace(det.info, task_queue=self.task_queue))
        return _Watched(self._inner.create_instance(placed), self._note, ask=self._ask)

    def set_worker_level_failure_exception_types(self, types: Any) -> None:  # noqa: ANN401 - handed through
        """Hand it through."""
        self._inner.set_worker_level_failure_exception_types(types)


class _Watched(WorkflowInstance):
    """A workflow that is looked at after each activation."""

    def __init__(self, inner: WorkflowInstance, note: Callable[[Turn], None], *, ask: bool) -> None:
        self._inner = inner
        self._note = note
        self._ask = ask

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Activate it, note what it wants, and ask for its state."""
        done = self._inner.activate(act)
        if any(job.HasField("remove_from_cache") for job in act.jobs):
            return done  # it is being put away: nothing can be asked of it any more
        failed = done.failed.failure.message if done.HasField("failed") else ""
        self._note(
            Turn(
                length=act.history_length,
                at=act.timestamp.ToNanoseconds() / 1e9,
                commands=tuple(done.successful.commands),
                failed=failed,
                state=self._state(act) if self._ask and not failed else None,
            )
        )
        return done

    def _state(self, act: WorkflowActivation) -> bytes | None:
        """What it answers to the query `state`, at the very time of that activation."""
        query = WorkflowActivation(
            run_id=act.run_id,
            timestamp=act.timestamp,
            is_replaying=True,
            history_length=act.history_length,
            available_internal_flags=act.available_internal_flags,
        )
        asked = query.jobs.add().query_workflow
        asked.query_id, asked.query_type = "evac-replay", names.STATE
        for command in self._inner.activate(query).successful.commands:
            if command.HasField("respond_to_query") and command.respond_to_query.HasField("succeeded"):
                return bytes(command.respond_to_query.succeeded.response.data)
        return None

    def get_serialization_context(self, command_info: Any) -> Any:  # noqa: ANN401 - handed through
        """Hand it through."""
        return self._inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:  # noqa: ANN401 - handed through
        """Hand it through."""
        return self._inner.get_external_store_context(command_info)

    def get_info(self) -> Any:  # noqa: ANN401 - handed through
        """Hand it through."""
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        """Hand it through."""
        return self._inner.get_thread_id()
