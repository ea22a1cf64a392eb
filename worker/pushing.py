"""Copying records to their store, beside the work: at the start, after each record, and again for as long as it takes.

No run waits for it. What a worker did not get done, the next one finds pending.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVar

from activities.clients.object_lock import RetentionUnknownError
from audit.pending import Pushed, push
from audit.store import Store, StoreError
from worker.retention import why_not_locked
from worker.settings import Settings

log = logging.getLogger(__name__)

AnswerT = TypeVar("AnswerT")

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 300.0


class Pusher:
    """Pushes while it is entered; without a store it does nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._told: set[str] = set()

    def wake(self) -> None:
        """There is a new record."""
        self._woken.set()

    async def __aenter__(self) -> Self:
        """Begin with what is pending."""
        if self._settings.records_store is not None:
            self._task = asyncio.create_task(self._push_for_ever(Store(self._settings.records_store)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Stop; a copy that is half done is taken up by the next worker."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _push_for_ever(self, store: Store) -> None:
        await self._warn()
        pause = _FIRST_PAUSE
        while True:
            self._woken.clear()
            try:
                for pushed in await _beside(lambda: list(push(self._settings.records, store))):
                    self._tell(pushed, store)
                pause = _FIRST_PAUSE
                await self._woken.wait()
            except (StoreError, OSError) as fault:
                log.warning("Records wait to be copied: %s Trying again in %.0f s.", fault, pause)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._woken.wait()
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _warn(self) -> None:
        """A store that lets records be removed is told once, at the start; it gets them all the same."""
        try:
            why = await _beside(lambda: why_not_locked(self._settings))
        except RetentionUnknownError as error:
            log.warning("Whether the store keeps records from being removed cannot be told: %s.", error)
        else:
            if why is not None:
                log.warning("Records can be removed from their store: %s.", why)

    def _tell(self, pushed: Pushed, store: Store) -> None:
        if pushed.why_not is None:
            log.info("Copied the record %s to %s", pushed.place, store.url)
        elif pushed.place not in self._told:
            self._told.add(pushed.place)
            log.warning("The record %s is not copied: %s", pushed.place, pushed.why_not)


async def _beside(work: Callable[[], AnswerT]) -> AnswerT:
    """In a thread that nobody waits for at the end: a store that hangs must not keep a worker from stopping."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[AnswerT] = loop.create_future()

    def _tell(answer: AnswerT | None, error: Exception | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(answer)  # type: ignore[arg-type]  # without an error it is an answer

    def _run() -> None:
        answer, error = None, None
        try:
            answer = work()
        except Exception as raised:  # noqa: BLE001 - whoever awaits gets it
            error = raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_tell, answer, error)

    threading.Thread(target=_run, name="evac-push", daemon=True).start()
    return await done
