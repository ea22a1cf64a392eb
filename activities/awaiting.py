"""The shape of what only waits: look until it is so. Nothing is changed, and the answer says so.

Wait    Act that looks again and again, and ends as if somebody else had done it
"""

from abc import abstractmethod
from typing import ClassVar, Generic

from activities.acting import Act, SettledMeanwhile, V
from activities.contract import Job, S
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType


class Wait(Act[S, V], Generic[S, V]):
    """Must give `_observe`, which says by an error why it will never be so, `_settled` and `_late`; may `_told`."""

    every: ClassVar[float] = 1.0
    """Seconds between two looks."""

    @abstractmethod
    def _late(self, job: Job[S], now: V) -> str:
        """The sentence that it is not so in time, and where to look. Pure."""

    def _told(self, seen: V) -> str:
        """How far it is, for who watches. Pure."""
        del seen
        return "waiting for replication"

    async def _act(self, job: Job[S], seen: V) -> str:
        async def look() -> V:
            try:
                now = await self._observe(job)
            except StepError as error:
                if error.final:
                    raise
                return seen  # a look that fails for a moment is no reason to give up
            job.progress.text = self._told(now)
            return now

        now, done = await poll(
            look, lambda now: self._settled(job, now) is not None, every=self.every, within=job.allowed
        )
        if done:
            raise SettledMeanwhile(self._settled(job, now) or "")
        raise StepError(ErrorType.NOT_YET, self._late(job, now), now.evidence())
