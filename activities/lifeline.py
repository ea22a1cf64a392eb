"""What keeps a call alive and bounded: heartbeats, the time that is left, and polling."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from temporalio import activity

T = TypeVar("T")

_WITHOUT_TEMPORAL = 60.0
"""The bound of a call outside an activity, or in one without a bound of its own."""

_SHARE = 0.9
"""Our own bound comes before Temporal's, so that the failure is a sentence of ours and not a bare timeout."""


@dataclass
class Progress:
    """How far a long step is: the details of its heartbeats, which people see in Temporal's pages.

    `tokens` are for the next attempt: by them it goes on waiting for what this one has begun. Heartbeats lag behind,
    so they are a hint: without one, the next attempt must see by looking that something is under way.
    """

    text: str = ""
    tokens: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, token: str) -> None:
        """Remember it now: the next line may be the last one of this process."""
        self.tokens[name] = token
        if activity.in_activity():
            activity.heartbeat(*self.details())

    def details(self) -> list[object]:
        """What a heartbeat says."""
        return [self.text, self.tokens] if self.tokens else [self.text] if self.text else []


def _tokens_of_last_attempt() -> dict[str, str]:
    details = activity.info().heartbeat_details if activity.in_activity() else ()
    found = details[1] if len(details) > 1 else None
    return {str(name): str(token) for name, token in found.items()} if isinstance(found, dict) else {}


def scheduling() -> str:
    """The same for all attempts of one activity; another one when the workflow asks for it anew (a person's retry)."""
    return activity.info().scheduled_time.isoformat() if activity.in_activity() else ""


@asynccontextmanager
async def heartbeating(progress: Progress | None = None) -> AsyncIterator[None]:
    """Beat at a third of the heartbeat timeout while the block runs; nothing to do outside an activity.

    Cancellation reaches an activity only through its heartbeats, so even a step that just waits needs them.
    """
    if progress is not None:
        progress.tokens.update(_tokens_of_last_attempt())
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


@asynccontextmanager
async def meanwhile(tell: Callable[[], Awaitable[None]], *, every: float) -> AsyncIterator[None]:
    """Look again and again while the block runs: it tells people how far something is, and decides nothing.

    A look that fails is the last one: whoever waits in the block meets the error, too.
    """

    async def telling() -> None:
        while True:
            await asyncio.sleep(every)
            await tell()

    task = asyncio.create_task(telling())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # seen


async def _beat(every: float, progress: Progress) -> None:
    while True:
        activity.heartbeat(*progress.details())
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
