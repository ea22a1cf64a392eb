"""The shape of a group that takes one change at a time, and says while one is under way.

Turns    Scale that waits for its turn; what was under way may have been this very order, by a worker that has died
"""

from abc import abstractmethod

from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.scaling import S, Scale, V
from runbooks.steps import ErrorType


class Turns(Scale[S, V]):
    """Must give `_busy` and `_order_now`, in place of `_order`."""

    @abstractmethod
    def _busy(self, seen: V) -> str | None:
        """What is under way, in a word of the cloud's (`UPDATING`); None: it takes a change. Pure."""

    @abstractmethod
    async def _order_now(self, job: Job[S], seen: V, wanted: int) -> None:
        """As `_order`: nothing is under way. Raises StepError; BUSY when something is after all."""

    async def _order(self, job: Job[S], seen: V, wanted: int) -> None:
        grows = seen.desired < wanted
        if self._busy(seen) is not None:
            seen = await self._turn(job, seen)
            if seen.desired >= wanted if grows else seen.desired <= wanted:
                return
        await self._order_now(job, seen, wanted)

    async def _turn(self, job: Job[S], seen: V) -> V:
        job.progress.text = f"{job.call.resource} is {self._busy(seen)}: that comes first"
        now, free = await poll(
            lambda: self._observe(job), lambda now: self._busy(now) is None, every=self.every, within=job.allowed
        )
        if not free:
            sentence = f"{job.call.resource} is {self._busy(now)}, and takes no other change: it is tried again."
            raise StepError(ErrorType.BUSY, sentence, now.evidence())
        return now
