"""Wait until the replication of a standby is well."""

from typing import ClassVar, Generic

from activities.awaiting import Wait
from activities.contract import Job
from activities.handing.place import Handed, Place, S


class HandCatchUp(Handed[S], Wait[S, Place], Generic[S]):
    """Waits until replication is well. What is missing then, the cloud itself waits for when it moves the writer."""

    guarantee: ClassVar[str]
    """The sentence that the cloud moves the writer only when nothing is missing."""
    every: ClassVar[float] = 1.0

    async def _observe(self, job: Job[S]) -> Place:
        return await self._stood(job)

    def _settled(self, job: Job[S], seen: Place) -> str | None:
        if seen.role != "standby" or not seen.in_step:
            return None
        exact = getattr(job.settings, "exact", False)
        return f"{seen.name} is in step ({seen.status})." + (f" {self.guarantee}" if exact else "")

    def _told(self, seen: Place) -> str:
        return f"{seen.name} is {seen.role} ({seen.status})"

    def _late(self, job: Job[S], now: Place) -> str:
        stands = f"is {now.role} ({now.status}) after {job.allowed:.0f} s"
        return f"{now.name} in {job.call.region} {stands}, and should be a standby that is in step: look at it."
