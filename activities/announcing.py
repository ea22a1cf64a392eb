"""Following a run for people outside: its live message is kept until the run has ended, whatever fails meanwhile."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError
from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.common import QueryRejectCondition
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError, RPCStatusCode

from activities.clients.slack import GoneError, channel
from activities.errors import StepError, application_error, bad_settings
from activities.lifeline import Progress, heartbeating
from activities.secrets import Secrets
from activities.slack.live import Bookmark, Live
from runbooks.announcing import AnnounceCall, Announced
from runbooks.notices import SlackNotice
from runbooks.runs import Outcome, Phase, RunState
from runbooks.steps import ErrorType

RPC = timedelta(seconds=5)

_EVERY = 1.2
"""Seconds between two looks, and so between two edits: Slack takes some 50 a minute."""
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 15.0
_AFTER_THE_END = 24 * 3600.0
"""How long it is tried to tell the end of a run while the service is down."""


@dataclass
class _Seen:
    state: RunState
    closed: bool


class Announcer:
    """Follows runs. What waiting can heal is waited out; what it cannot ends the announcement, and never the run."""

    def __init__(self, client: Client, every: float = _EVERY) -> None:
        self._client = client
        self._every = every

    @activity.defn(name="announce")
    async def announce(self, call: AnnounceCall) -> Announced:
        """Keep the message until the run has ended. Raises ApplicationError for what waiting cannot heal."""
        secrets, progress = Secrets(), Progress()
        try:
            settings = SlackNotice.model_validate(call.settings)
            async with heartbeating(progress), channel(settings, secrets, waits=False) as there:
                live = Live(there, call.run, call.workflow_id, lambda mark: _beat(progress, mark), _bookmark())
                await self._follow(call, live)
                return Announced(place=f"{settings.channel}/{live.mark.parent}")
        except ValidationError as error:
            raise application_error(bad_settings(call.uses, error)) from None
        except StepError as error:
            sentence = secrets.strike_text(error.sentence)
            raise application_error(StepError(error.kind, sentence)) from None

    async def _follow(self, call: AnnounceCall, live: Live) -> None:
        wait, closed_at = _FIRST_WAIT, None
        while True:
            pause = self._every
            seen = await self._look(call)
            if seen is not None and seen.closed:
                closed_at = closed_at or time.monotonic()
            try:
                if seen is not None and await live.show(seen.state, time.time(), closed=seen.closed):
                    return
                wait = _FIRST_WAIT
            except GoneError:
                activity.logger.info("The message of %s was deleted: it is posted anew", call.workflow_id)
            except StepError as error:
                if error.final or (closed_at is not None and time.monotonic() - closed_at > _AFTER_THE_END):
                    raise
                activity.logger.warning("%s is not told by %s: %s", call.workflow_id, call.uses, error.sentence)
                asked = error.evidence.get("retry_after")
                pause, wait = float(str(asked)) if asked else wait, min(_LONGEST_WAIT, wait * 2)
            await _sleep(pause)

    async def _look(self, call: AnnounceCall) -> _Seen | None:
        """The run as it stands; None when nobody says at the moment."""
        handle = self._client.get_workflow_handle(call.workflow_id, run_id=call.run)
        try:
            return await self._ask(handle)
        except WorkflowQueryFailedError:
            return None
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise StepError(
                    ErrorType.NOT_FOUND, f"Temporal knows no run {call.run} of {call.workflow_id}."
                ) from None
            return None

    async def _ask(self, handle: "WorkflowHandle[object, RunState]") -> _Seen:
        open_only = QueryRejectCondition.NOT_OPEN
        try:
            state = await handle.query("state", result_type=RunState, reject_condition=open_only, rpc_timeout=RPC)
        except WorkflowQueryRejectedError:
            state = await handle.query("state", result_type=RunState, rpc_timeout=RPC)
            return _Seen(state if state.outcome is not None else _cut_off(state), closed=True)
        return _Seen(state, closed=False)


def _cut_off(state: RunState) -> RunState:
    """Somebody terminated it in Temporal itself: it has not ended, and never will."""
    why = (
        "Temporal closed this run from outside: nothing was undone, and there is no record. Look at each step yourself"
    )
    ended = {"phase": Phase.ENDED, "outcome": Outcome.ABORTED, "ended_at": time.time(), "message": why}
    return state.model_copy(update=ended)


def _beat(progress: Progress, mark: Bookmark) -> None:
    progress.text = mark.model_dump_json()
    activity.heartbeat(progress.text)


def _bookmark() -> Bookmark:
    """What the worker before this one said last, if it could."""
    details = activity.info().heartbeat_details
    try:
        return Bookmark.model_validate_json(details[0]) if details else Bookmark()
    except (ValidationError, TypeError):
        return Bookmark()


async def _sleep(seconds: float) -> None:
    """Wait; when the worker is about to stop, another one goes on at once. Raises ApplicationError."""
    stops = asyncio.ensure_future(activity.wait_for_worker_shutdown())
    try:
        await asyncio.wait({stops}, timeout=seconds)
        if stops.done():
            message = "this worker stops; another one goes on"
            raise ApplicationError(message, type=ErrorType.BUSY.value, category=ApplicationErrorCategory.BENIGN)
    finally:
        stops.cancel()
