"""The two shapes that only look: `detect` gives a reading whatever happens, `verify` insists for a short while."""

import asyncio
import logging
import time
from abc import abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import JsonValue

from activities.contract import Job, S, Technology
from activities.errors import OwnError, StepError
from activities.lifeline import poll
from activities.stillness import stillness
from runbooks.steps import ASKERS_ERRORS, ErrorType, Reading, State, StepResult


@dataclass(frozen=True)
class Sight:
    """What one look saw: good or not, the sentence, and the values."""

    good: bool
    reason: str
    values: dict[str, JsonValue] = field(default_factory=dict)


class Detector(Technology[S]):
    """Looks once.

    Whatever was asked within its bound and did not answer as a healthy one does is `unhealthy`, silence
    included. A look that failed on our own side is `unknown`: a broken probe must not look like a dead
    region. A bad one during which this process itself stood still for most of the time is taken once more. Only
    settings that cannot be read at all raise.
    """

    log_level = logging.DEBUG  # a detector's loop looks every second
    silence: ClassVar[Literal["unhealthy", "unknown"]] = "unhealthy"
    """What it means that nobody answers; `unknown` where another place than the region is asked."""
    remembers = True

    @abstractmethod
    async def _look(self, job: Job[S]) -> Sight:
        """Look once, within a short bound. Raises StepError when there is nothing to see."""

    async def _run(self, job: Job[S]) -> StepResult:
        ends = asyncio.get_running_loop().time() + job.allowed
        async with stillness() as still:
            sight, state = await self._sight(job, job.allowed)
        left = ends - asyncio.get_running_loop().time()
        if state == "unhealthy" and still.most and left > 0:  # nobody could have heard an answer
            async with stillness() as still:
                sight, state = await self._sight(job, left)
        at = time.time() - still.seconds  # what was heard before it stood still is that old
        reading = Reading(
            resource=job.call.resource,
            region=job.call.region,
            state=state,
            reason=sight.reason,
            values=sight.values,
            observed_at=at,
        )
        return StepResult(changed=False, reason=sight.reason, reading=reading, observed_at=at)

    async def _sight(self, job: Job[S], within: float) -> tuple[Sight, State]:
        try:
            # Our own bound, whatever the settings say: Temporal's would end the look without a reading, and repeat it.
            async with asyncio.timeout(within):
                sight = await self._look(job)
        except TimeoutError:
            return Sight(good=False, reason=f"It gave no answer within {within:.3g} s."), self.silence
        except StepError as error:
            ours = error.kind in ASKERS_ERRORS or isinstance(error, OwnError)
            sight = Sight(good=False, reason=error.sentence, values=error.evidence)
            return sight, "unknown" if ours else self.silence
        return sight, "healthy" if sight.good else "unhealthy"

    async def _check(self, job: Job[S]) -> StepResult:
        result = await self._run(job)
        return result.model_copy(update={"proved": result.reading is not None and result.reading.state != "unknown"})


class Verifier(Technology[S]):
    """Looks until it is good, for `patience` seconds; then it is `not-yet`, and Temporal retries at leisure.

    The short patience inside one attempt spares a retry's delay for what takes a tenth of a second.
    """

    patience: ClassVar[float] = 2.0
    every: ClassVar[float] = 0.05

    @abstractmethod
    async def _look(self, job: Job[S]) -> Sight:
        """Look once, within a short bound. Raises StepError when there is nothing to see."""

    async def _run(self, job: Job[S]) -> StepResult:
        sight = Sight(good=False, reason=f"It gave no answer within {job.allowed:g} s.")

        async def look() -> Sight:
            nonlocal sight
            sight = await self._seen(job)
            return sight

        with suppress(TimeoutError):
            # Our own bound, as a detector's: one look that is silent may take longer than the patience.
            async with asyncio.timeout(job.allowed):
                await poll(look, lambda seen: seen.good, every=self.every, within=min(self.patience, job.allowed))
        if not sight.good:
            raise StepError(ErrorType.NOT_YET, sight.reason, sight.values)
        return StepResult(changed=False, reason=sight.reason, after=sight.values)

    async def _check(self, job: Job[S]) -> StepResult:
        sight = await self._look(job)
        return StepResult(changed=False, proved=sight.good, reason=sight.reason, before=sight.values)

    async def _seen(self, job: Job[S]) -> Sight:
        try:
            return await self._look(job)
        except StepError as error:
            if error.kind in ASKERS_ERRORS:
                raise
            return Sight(good=False, reason=error.sentence, values=error.evidence)
