"""What keeps a call alive and bounded: heartbeats, the time that is left, and polling."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from temporalio import activity

T = TypeVar("T")

_WITHOUT_TEMPORAL = 60.0
"""The bound of a call outside an activity, or in one without a bound of its own."""

_SHARE = 0.9
"""Our own bound comes before Temporal's, so that the failure is a sentence of ours and not a bare timeout."""


@dataclass
class Progress:
    """How far a long step is: the details of its heartbeats, which people see in Temporal's pages."""

    text: str = ""


def scheduling() -> str:
    """The same for all attempts of one activity; another one when the workflow asks for it anew (a person's retry)."""
    return activity.info().scheduled_time.isoformat() if activity.in_activity() else ""


@asynccontextmanager
async def heartbeating(progress: Progress | None = None) -> AsyncIterator[None]:
    """Beat at a third of the heartbeat timeout while the block runs; nothing to do outside an activity.

    Cancellation reaches an activity only through its heartbeats, so even a step that just waits needs them.
    """
    timeout = activity.info().heartbeat_timeout if activity.in_activity() else None
    if not timeout:
        yield
        return
    beats = asyncio.create_task(_beat(timeout.total_seconds() / 3, progress or Progress()))
    try:
        yield
    finally:
        beats.cancel()
        # `wait` does not raise what the task raised: awaiting it could not tell its cancellation from our own.
        await asyncio.wait({beats})


async def _beat(every: float, progress: Progress) -> None:
    while True:
        activity.heartbeat(*([progress.text] if progress.text else []))
        await asyncio.sleep(every)


def time_allowed() -> float:
    """How many seconds a call may take in all."""
    if not activity.in_activity():
        return _WITHOUT_TEMPORAL
    info = activity.info()
    limit = info.start_to_close_timeout or info.schedule_to_close_timeout
    return limit.total_seconds() * _SHARE if limit else _WITHOUT_TEMPORAL


async def poll(
    look: Callable[[], Awaitable[T]], enough: Callable[[T], bool], *, every: float, within: float
) -> tuple[T, bool]:
    """Look until it is enough or the time is over: the last look, and whether it was enough. Looks at least once."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while True:
        seen = await look()
        if enough(seen):
            return seen, True
        if loop.time() + every > deadline:
            return seen, False
        await asyncio.sleep(every)
