"""Have the cloud move the writer."""

from abc import abstractmethod
from typing import Generic

from activities.acting import Act
from activities.contract import Job
from activities.errors import StepError
from activities.handing.place import Handed, Place, S, until
from runbooks.steps import ErrorType


class HandPromote(Handed[S], Act[S, Place], Generic[S]):
    """Planned (with an `upstream`) the cloud moves the writer when nothing is missing; else at once, whatever is lost.

    It is asked for in the region that is to take the writes; nothing is asked of the one that is left.
    """

    @abstractmethod
    async def _move(self, job: Job[S], seen: Place, *, planned: bool) -> None:
        """Have the cloud move the writer here, and wait for it. Raises StepError."""

    async def _observe(self, job: Job[S]) -> Place:
        seen = await self._stood(job)
        if seen.refuses is not None and seen.role != "primary":
            raise StepError(ErrorType.WRONG_STATE, seen.refuses, seen.evidence())
        return seen

    def _settled(self, job: Job[S], seen: Place) -> str | None:
        if seen.role != "primary" or not seen.at_rest or seen.epoch != job.call.epoch:
            return None
        return f"{seen.name} is the primary already."

    async def _act(self, job: Job[S], seen: Place) -> str:
        await self._ready(job)
        await until(self, job, seen, lambda now: "" if now.at_rest else None, "at rest")
        now = await self._observe(job)
        planned = getattr(job.settings, "upstream", None) is not None
        if planned and now.role != "primary" and not now.in_step:
            sentence = f"{now.name} is {now.status}: it cannot have everything of its primary; look at its replication."
            raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
        if now.epoch != job.call.epoch:
            await self._note(job)
        if now.role != "primary":
            await self._order(job, now, planned=planned)
        how = (
            "was promoted before" if seen.role == "primary" else f"was moved here, {'planned' if planned else 'forced'}"
        )
        return await until(
            self,
            job,
            now,
            lambda now: f"{now.name} takes writes: it {how}." if now.role == "primary" and now.at_rest else None,
            "the primary",
        )

    async def _order(self, job: Job[S], seen: Place, *, planned: bool) -> None:
        """Move it; that the cloud refuses to, since another run of this step was quicker, is well."""
        try:
            await self._move(job, seen, planned=planned)
        except StepError as error:
            # In what words a cloud says so is its own affair, and not always those for a state.
            if not error.final or (await self._stood(job)).role != "primary":
                raise
