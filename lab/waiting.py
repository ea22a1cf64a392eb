"""Waiting: for something to become true, by asking often (nowhere a fixed sleep), and for several things at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from lab.errors import LabError, NotReadyError

ResultT = TypeVar("ResultT")

WhyNot = Callable[[], Awaitable[str | None]]
"""Asks once: None when all is well, else the sentence why not."""


async def until(
    what: str, why_not: WhyNot, *, within: float, every: float = 0.01, tail: Callable[[], str] = str
) -> None:
    """Ask until the answer is None. Raises NotReadyError with the last answer and the end of the part's log."""
    deadline = time.monotonic() + within
    while (last := await why_not()) is not None:
        if time.monotonic() > deadline:
            raise NotReadyError(what, last, tail())
        await asyncio.sleep(every)


async def together(*work: Coroutine[Any, Any, ResultT]) -> list[ResultT]:
    """Do all of it side by side; when one fails, stop the others and raise the first error that tells something."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(part) for part in work]
    except BaseExceptionGroup as failed:
        raise _most_telling(failed) from failed
    return [task.result() for task in tasks]


def _most_telling(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What a person should read: the first sentence of ours, else the first error."""
    leaves: list[BaseException] = []
    waiting: list[BaseException] = [group]
    while waiting:
        error = waiting.pop(0)
        if isinstance(error, BaseExceptionGroup):
            waiting.extend(error.exceptions)
        else:
            leaves.append(error)
    return next((leaf for leaf in leaves if isinstance(leaf, LabError)), leaves[0])
