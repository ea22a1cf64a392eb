"""One thing that is done in the background, at most one at a time, and how far it is."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from lab.errors import LabError, RefusedError
from lab.postgres_programs import Say

LOG = logging.getLogger(__name__)

Work = Callable[[Say], Awaitable[str]]
"""Does it, telling its progress, and answers what was done. Raises LabError."""


class Background:
    """What is being done (`busy`), or how it ended: with a `result`, or with an `error`."""

    def __init__(self) -> None:
        self.progress = ""
        self.result: str | None = None
        self.error: str | None = None
        self.refused = False
        """The error will stay: what was asked for must not be done."""
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """It is not done yet."""
        return self._task is not None and not self._task.done()

    def begin(self, work: Work) -> None:
        """Start it; only when not `busy`."""
        self.progress, self.result, self.error, self.refused = "it has begun", None, None, False
        self._task = asyncio.create_task(self._do(work))

    async def end(self) -> None:
        """Break it off."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def answer(self) -> dict[str, object]:
        """As it is told over HTTP."""
        return {
            "busy": self.busy,
            "progress": self.progress,
            "result": self.result,
            "error": self.error,
            "refused": self.refused,
        }

    async def _do(self, work: Work) -> None:
        try:
            self.result = await work(self._say)
        except LabError as error:
            self.error, self.refused = str(error), isinstance(error, RefusedError)
        except Exception as error:  # whatever it was, whoever asks must be told
            LOG.exception("it failed")
            self.error = f"{type(error).__name__}: {error}"
        LOG.info("%s", self.result or self.error)

    def _say(self, line: str) -> None:
        self.progress = line
