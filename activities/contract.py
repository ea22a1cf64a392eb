"""The contract that every technology keeps, and the work done once for all of them.

Technology            parse settings, time, heartbeat, classify errors, strike out secrets
+-- Detector          one look: a reading, also of silence            (`observing.py`)
+-- Verifier          look until it is good, for a short while        (`observing.py`)
+-- Look              what it sees is its answer                      (`acting.py`)
+-- Act               observe, act only if needed, observe again      (`acting.py`); some can be undone
"""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from pydantic import JsonValue, ValidationError

from activities.errors import StepError, application_error, bad_settings
from activities.lifeline import Progress, heartbeating, time_allowed
from activities.secrets import Secrets
from runbooks.steps import StepCall, StepResult
from runbooks.values import Model

S = TypeVar("S", bound=Model)
S_co = TypeVar("S_co", bound=Model, covariant=True)

_log = logging.getLogger("evac.activities")


@dataclass(frozen=True)
class Job(Generic[S_co]):
    """One call being worked on. What is entered in `stack` is closed when the call ends, however it ends."""

    call: StepCall
    settings: S_co
    allowed: float
    """Seconds that the whole call may take."""
    secrets: Secrets = field(default_factory=Secrets)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    progress: Progress = field(default_factory=Progress)
    """A long step says here how far it is."""
    kept: dict[object, object] = field(default_factory=dict)
    """What clients keep for the rest of the call: connections that are costly to make."""


class Technology(ABC, Generic[S]):
    """One verb with one technology: `uses` = "promote.postgres" lives in `activities/promote/postgres.py`.

    Must:
        observe before acting, and answer `changed=False` with a sentence when nothing is to do (an activity
        runs at least once); be safe to run twice at once; carry the call's epoch to whatever can keep it;
        give before and after as evidence; raise every failure as StepError with its ErrorType, where it is
        found; bound everything that it asks of a machine that may be silent; declare `permissions`.

    May:
        keep connections open for one call (`job.stack`); answer `check`, the read-only readiness twin, with
        more than the default look; say `undoable = True` and give `_undo`, which brings back exactly what was
        before (the kind's `undoes` names the verb): idempotent like the act, and refused for a stale epoch.

    Should:
        return as soon as the effect is seen, polling every 10-50 ms: this is recovery time.

    Must not:
        hold clients between calls or at module level; log or return secrets (`job.secrets.reveal` strikes
        them out of the answer); swallow cancellation.

    `run`, `check` and `undo` are public and live here; subclasses give `_run`, `_check` and `_undo`. They may be
    called outside an activity (by tests, and by the detector's loop).
    """

    uses: ClassVar[str]
    permissions: ClassVar[tuple[str, ...]]
    """What its credentials must be allowed to do: the docs' table is made from it."""
    tested_against: ClassVar[str] = ""
    """What its tests run it on: the docs' table says it. Those of the lab have it in `rows/core.py`, by kind."""
    Settings: type[S]
    undoable: ClassVar[bool] = False
    """What it does can be taken back: the activity `<uses>.undo` is there."""
    remembers: ClassVar[bool] = False
    """It asks so often that a secret of a cloud may be half a minute old. What acts has each as it is now."""
    log_level: ClassVar[int] = logging.INFO

    def __init__(self, home: Path) -> None:
        """Files of this worker (markers, notices) go in `home`."""
        self.home = home

    async def run(self, call: StepCall) -> StepResult:
        """Do it. Raises ApplicationError whose `type` is an ErrorType's value."""
        try:
            return await self._guarded(call, self._run)
        except StepError as error:
            raise application_error(error) from None  # the cause may quote what a server said of our credentials

    async def check(self, call: StepCall) -> StepResult:
        """Could it be done now? Reads only. `proved=False` with the sentence why not; never an error."""
        try:
            return await self._guarded(call, self._check)
        except StepError as error:
            return StepResult(
                changed=False,
                proved=False,
                reason=error.sentence,
                before={**error.evidence, "error": error.kind.value},
                observed_at=time.time(),
            )

    async def undo(self, call: StepCall) -> StepResult:
        """Bring back what was before the act (`call.before`). Raises ApplicationError, as `run`."""
        try:
            return await self._guarded(call, lambda job: self._undo(job, call.before))
        except StepError as error:
            raise application_error(error) from None

    @abstractmethod
    async def _run(self, job: Job[S]) -> StepResult:
        """The work. Raises StepError."""

    @abstractmethod
    async def _check(self, job: Job[S]) -> StepResult:
        """The readiness of the work; changes nothing. Raises StepError."""

    async def _undo(self, job: Job[S], before: dict[str, JsonValue]) -> StepResult:
        """Bring back what the act saw before it; unchanged when it is so already. Raises StepError.

        `before` is empty when the act's answer was lost: what can be told from the settings is undone all the same.
        """
        raise NotImplementedError

    def _parse(self, call: StepCall) -> S:
        try:
            return self.Settings.model_validate(call.settings)
        except ValidationError as error:
            raise bad_settings(self.uses, error) from None

    async def _guarded(self, call: StepCall, work: Callable[[Job[S]], Awaitable[StepResult]]) -> StepResult:
        began = time.perf_counter()
        job = Job(call, self._parse(call), time_allowed())
        try:
            async with heartbeating(job.progress), job.stack:
                await job.secrets.prepare(call.settings, job.allowed, fresh=not self.remembers)
                result = await work(job)
        except StepError as error:
            evidence = {key: job.secrets.strike(value) for key, value in error.evidence.items()}
            clean = StepError(error.kind, job.secrets.strike_text(error.sentence), evidence)
            self._say(call, began, f"{clean.kind}: {clean.sentence}")
            raise clean from None
        result = _completed(result, job.secrets)
        self._say(call, began, result.reason)
        return result

    def _say(self, call: StepCall, began: float, sentence: str) -> None:
        seconds = time.perf_counter() - began
        _log.log(self.log_level, "%s %s in %s, %.3f s: %s", call.uses, call.resource, call.region, seconds, sentence)


def _completed(result: StepResult, secrets: Secrets) -> StepResult:
    clean = StepResult.model_validate(secrets.strike(result.model_dump(mode="json")))
    return clean if clean.observed_at else clean.model_copy(update={"observed_at": time.time()})
