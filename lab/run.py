"""Runs a lab command: interruptible, and with every error as a sentence and an exit code."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from lab.errors import LabError, LabExistsError, NoLabError, NoRegionError
from triggers.cli.exits import Exit
from triggers.cli.out import Refusal, say

AnswerT = TypeVar("AnswerT")


def run(work: Callable[[], Coroutine[Any, Any, AnswerT]]) -> AnswerT:
    """Do the work; an interruption by any usual signal lets it clean up behind itself."""

    async def interruptible() -> AnswerT:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await work()

    try:
        return asyncio.run(interruptible())
    except asyncio.CancelledError:
        raise Refusal(Exit.INTERRUPTED, "Interrupted; what was begun has been cleaned up.") from None
    except LabError as error:
        if error.details:
            say(error.details)
        raise Refusal(_code(error), str(error)) from None


def _code(error: LabError) -> Exit:
    if isinstance(error, NoLabError | NoRegionError):
        return Exit.USAGE
    return Exit.REFUSED if isinstance(error, LabExistsError) else Exit.FAILED
