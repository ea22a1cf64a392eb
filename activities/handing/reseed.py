"""The former primary is a standby again."""

from typing import Generic

from activities.acting import Act
from activities.contract import Job
from activities.handing.place import Handed, Place, S, until


class HandReseed(Handed[S], Act[S, Place], Generic[S]):
    """Waits until the cloud has made a standby of the former primary, and has done whatever that needs."""

    async def _rejoin(self, job: Job[S], seen: Place) -> None:
        """Have the cloud do what it does not do by itself. Raises StepError."""
        del job, seen

    async def _observe(self, job: Job[S]) -> Place:
        return await self._stood(job)

    def _settled(self, job: Job[S], seen: Place) -> str | None:
        if seen.role != "standby" or not seen.in_step or seen.epoch != job.call.epoch:
            return None
        return f"{seen.name} is a standby already."

    async def _act(self, job: Job[S], seen: Place) -> str:
        await self._ready(job)
        if seen.epoch != job.call.epoch:
            await self._note(job)
        await self._rejoin(job, seen)
        return await until(
            self,
            job,
            seen,
            lambda now: f"{now.name} is a standby ({now.status})." if now.role == "standby" and now.in_step else None,
            "a standby that is in step",
        )
