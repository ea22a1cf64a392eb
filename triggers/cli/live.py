"""Following a run: ask for its state several times a second, and go on asking when nobody answers.

The run does not need us: whatever happens here, it goes on.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Generic

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from runbooks.awaited import AWAITED, missing_approvals, standing
from runbooks.runs import Phase, RunState
from triggers.cli.exits import OF_OUTCOME, Exit
from triggers.cli.screen import Screen, Trouble
from triggers.errors import NoAnswerError, NoSuchRunError
from triggers.look import StateT, ask, result_of
from worker.settings import Settings

_TICK = 0.25
_SLOWEST = 2.0


class Follower:
    """Follows one run on a screen."""

    def __init__(self, client: Client, settings: Settings, handle: WorkflowHandle[Any, RunState]) -> None:
        self._following = Following(client, settings, handle, RunState)

    async def follow(self, screen: Screen, patience: float | None = None) -> RunState | None:
        """The run's last state, as `Following.follow`."""
        return await self._following.follow(screen.show, patience)


class Following(Generic[StateT]):
    """Follows one workflow until its end, or until the patience ends. `kind` is the model of its state."""

    def __init__(
        self, client: Client, settings: Settings, handle: WorkflowHandle[Any, StateT], kind: type[StateT]
    ) -> None:
        self._client = client
        self._settings = settings
        self._handle = self._asked = handle
        self._kind = kind
        self._state: StateT | None = None
        self._silent_since: float | None = None
        self._why = ""

    async def follow(
        self, show: Callable[[StateT | None, Trouble | None], None], patience: float | None = None
    ) -> StateT | None:
        """Its last state: its end, or what is known when the time is up (None: nothing at all)."""
        deadline = None if patience is None else time.monotonic() + patience
        asking = asyncio.create_task(self._keep_asking())
        end = asyncio.create_task(result_of(self._handle))
        try:
            while True:
                show(self._state, self._trouble())
                await asyncio.wait({end}, timeout=_TICK)
                if end.done():
                    if not _passing(end.exception()):
                        self._state, self._silent_since = end.result(), None
                        show(self._state, None)
                        return self._state
                    end = asyncio.create_task(self._end_later())
                if asking.done():
                    asking.result()  # raises what it ended with: an answer that cannot be read
                if deadline is not None and time.monotonic() >= deadline:
                    return self._state
        finally:
            for task in (asking, end):
                task.cancel()
            await asyncio.gather(asking, end, return_exceptions=True)

    async def _end_later(self) -> StateT:
        await asyncio.sleep(_SLOWEST)
        return await result_of(self._handle)

    async def _keep_asking(self) -> None:
        pause = _TICK
        while True:
            try:
                self._state = await ask(self._client, self._settings, self._asked, self._kind)
            except (NoAnswerError, RPCError) as error:
                self._silent_since = self._silent_since or time.monotonic()
                self._why = str(error) if isinstance(error, NoAnswerError) else "Temporal does not answer."
                pause = min(pause * 2, _SLOWEST)
            else:
                self._silent_since, pause = None, _TICK
                if getattr(self._state, "outcome", None) is not None:  # it may go on under its id, as another run
                    self._asked = self._client.get_workflow_handle(self._handle.id, result_type=self._kind)
            await asyncio.sleep(pause)

    def _trouble(self) -> Trouble | None:
        if self._silent_since is None:
            return None
        return Trouble(self._why, time.monotonic() - self._silent_since)


def _passing(error: BaseException | None) -> bool:
    """Whether Temporal may answer later. Raises NoSuchRunError when it has answered that it knows no such run."""
    if not isinstance(error, RPCError):
        return False
    if error.status is RPCStatusCode.NOT_FOUND:
        message = "Temporal does not know the run any more: it was deleted, or the server lost its state"
        raise NoSuchRunError(message)
    return True


def code_of(state: RunState | None) -> Exit:
    """The exit code for a run seen last in this state."""
    if state is None:
        return Exit.NO_TEMPORAL
    if state.outcome is not None:
        return OF_OUTCOME[state.outcome]
    return Exit.WAITING if waits(state) else Exit.TIMED_OUT


def waits(state: RunState) -> bool:
    """Whether the run waits for a person: an approval, a decision about a step or a plan, or the end of a hold."""
    if state.phase is Phase.PLANNING:
        return bool(standing(state))
    approved = state.phase is Phase.AWAITING_APPROVAL and missing_approvals(state) == 0
    return (state.phase in AWAITED and not approved) or state.held
