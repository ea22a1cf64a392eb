"""Is it certain that the cloud takes the role of the primary away from it?"""

from dataclasses import dataclass
from typing import Generic

from pydantic import JsonValue

from activities.acting import Act
from activities.contract import Job
from activities.errors import StepError
from activities.handing.place import Handed, Place, S
from runbooks.steps import ErrorType

_SILENT = frozenset({ErrorType.UNREACHABLE, ErrorType.TIMED_OUT})


@dataclass(frozen=True)
class Suspect:
    """The place being left, or why nothing can be seen of it."""

    seen: Place | StepError

    def evidence(self) -> dict[str, JsonValue]:
        """What the cloud said."""
        return {"silence": self.seen.sentence} if isinstance(self.seen, StepError) else self.seen.evidence()


class HandFence(Handed[S], Act[S, Suspect], Generic[S]):
    """Notes the decision. It is proved when it is a standby, or the cloud will make it one in the promotion.

    A region whose control plane is silent is answered `proved=False`: a person or a policy decides.
    """

    async def _observe(self, job: Job[S]) -> Suspect:
        try:
            return Suspect(await self._stood(job))
        except StepError as error:
            if error.kind not in _SILENT:
                raise
            return Suspect(error)

    def _settled(self, job: Job[S], seen: Suspect) -> str | None:
        now = seen.seen
        if isinstance(now, StepError):
            return f"{job.call.resource} in {job.call.region} may still take writes. {now.sentence}"
        return self._standing(now) if now.epoch == job.call.epoch else None

    def _proved(self, seen: Suspect) -> bool:
        return isinstance(seen.seen, Place) and seen.seen.role != "alone"

    async def _act(self, job: Job[S], seen: Suspect) -> str:
        assert isinstance(seen.seen, Place)
        await self._ready(job)
        await self._note(job)
        return f"{self._standing(seen.seen)} Decision {job.call.epoch} was noted."

    def _standing(self, seen: Place) -> str:
        if seen.role == "standby":
            return f"{seen.name} takes no writes: it is a standby."
        if seen.role == "alone":
            return f"{seen.name} takes writes ({seen.status}), and no promotion stops them. Stop its clients."
        return f"{seen.name} takes writes until the promotion: {self.demotes}"
