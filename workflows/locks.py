"""How a run takes the locks on what it shares with other runbooks: all in one order, so that no two wait in a ring."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from runbooks.controls import Holder, HolderAnswer, HolderCall, LockInput, LockState, lock_id
    from runbooks.models import Runbook
    from workflows.retries import PLANNING

_FIRST, _LONGEST = 1.0, 5.0
_RARER = 10
"""After a long wait the next look waits a tenth of it: the history of a run that waits for hours stays short."""


@dataclass(frozen=True)
class Held:
    """A lock that this run holds."""

    name: str
    handle: ChildWorkflowHandle[Any, LockState]

    @property
    def lost(self) -> bool:
        """It has ended although this run did not release it: somebody terminated it."""
        return self.handle.done()


def shared(runbook: Runbook) -> tuple[str, ...]:
    """The names of what the runbook shares with others, in the order in which they are taken."""
    return tuple(sorted({resource.shared for resource in runbook.resources.values() if resource.shared is not None}))


async def acquire(
    names: Iterable[str], what: str, tell: Callable[[str], None], stop: Callable[[], bool]
) -> tuple[Held, ...] | None:
    """Take every lock, in sorted order; None, and nothing is held, as soon as `stop` says so while one is awaited.

    `what` this run is doing is what others read who wait for it; `tell` gets a sentence about whoever it waits for.
    Temporal ends the locks with the run, however that ends. A continue-as-new ends them, too: acquire anew.
    """
    held: list[Held] = []
    for name in sorted(set(names)):
        lock = await _acquired(name, what, tell, stop)
        if lock is None:
            await release(held)
            return None
        held.append(lock)
    return tuple(held)


async def release(held: Sequence[Held]) -> None:
    """Give the locks back, and wait until they are free. One that is lost is free already."""
    for lock in held:
        try:
            await lock.handle.signal("release")
            await lock.handle
        except FailureError:
            continue


async def _acquired(name: str, what: str, tell: Callable[[str], None], stop: Callable[[], bool]) -> Held | None:
    began, pause, told = workflow.time(), _FIRST, ""
    while not stop():
        handle = await _taken(name, what)
        if handle is not None:
            if told:
                tell(f"{name} is free: going on")
            return Held(name, handle)
        sentence = f"{name} is shared and {await _holder(name)}: waiting until it is free"
        if sentence != told:
            told = sentence
            tell(sentence)
        await _stopped(stop, max(pause, (workflow.time() - began) / _RARER))
        pause = min(pause * 2, _LONGEST)
    return None


async def _taken(name: str, what: str) -> ChildWorkflowHandle[Any, LockState] | None:
    info = workflow.info()
    holder = Holder(workflow_id=info.workflow_id, run_id=info.run_id, what=what, at=workflow.time())
    try:
        handle = await workflow.start_child_workflow(
            "lock",
            LockInput(name=name, holder=holder),
            id=lock_id(name),
            result_type=LockState,
            parent_close_policy=ParentClosePolicy.TERMINATE,
            static_summary=f"{name}: held by {what}"[:200],
        )
    except WorkflowAlreadyStartedError:
        return None
    handle.add_done_callback(_looked_at)
    return handle


def _looked_at(task: asyncio.Task[LockState]) -> None:
    """A lock that was terminated fails a task that nobody may ever await."""
    if not task.cancelled():
        task.exception()


async def _holder(name: str) -> str:
    try:
        answer: HolderAnswer = await workflow.execute_activity(
            "lock-holder",
            HolderCall(name=name),
            result_type=HolderAnswer,
            summary=f"Who holds {name}?",
            start_to_close_timeout=PLANNING.attempt,
            schedule_to_close_timeout=timedelta(seconds=10),
            retry_policy=PLANNING.policy(),
        )
    except ActivityError:
        return "held by another run"
    return f"held by {answer.holder.what}" if answer.holder else "was just held by another run"


async def _stopped(stop: Callable[[], bool], seconds: float) -> None:
    """Wait, but not a moment longer than until `stop`."""
    try:
        await workflow.wait_condition(
            stop, timeout=timedelta(seconds=seconds), timeout_summary="look at the lock again"
        )
    except TimeoutError:
        return
