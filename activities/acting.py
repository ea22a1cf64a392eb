"""The shapes of technologies: what changes something (observe, act only if needed, observe again), and what only looks.

SettledMeanwhile    raised by an `_act` that found its work done by another run of the same step; never leaves here
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Generic, Protocol, Self, TypeVar

from pydantic import JsonValue, ValidationError

from activities.contract import Job, S, Technology
from runbooks.steps import StepResult
from runbooks.values import Model


class Evident(Protocol):
    """What a technology sees before and after. It may also hold the connection that it was seen through."""

    def evidence(self) -> dict[str, JsonValue]:
        """What goes in the run's record."""
        ...


class View(Model):
    """A plain value that is its own evidence."""

    def evidence(self) -> dict[str, JsonValue]:
        """All fields."""
        return self.model_dump(mode="json")

    @classmethod
    def from_evidence(cls, before: Mapping[str, JsonValue]) -> Self | None:
        """What an act saw before it, from its record; None when that is not known."""
        try:
            return cls.model_validate(before) if before else None
        except ValidationError:
            return None


V = TypeVar("V", bound=Evident)


class SettledMeanwhile(Exception):  # noqa: N818 - it is news, and no error
    """Somebody else has done it between the look and the act; the sentence says what."""


class Observing(Technology[S], Generic[S, V]):
    """What both shapes share: it sees how something stands, and answers with the evidence."""

    @abstractmethod
    async def _observe(self, job: Job[S]) -> V:
        """See how it stands. Raises StepError, also when it may not be acted on (a newer epoch, a wrong state)."""

    def _proved(self, seen: V) -> bool:
        """Is the effect beyond doubt in what was seen last?"""
        del seen
        return True

    def _result(self, job: Job[S], before: V, after: V, reason: str, *, changed: bool) -> StepResult:
        evidence: dict[str, JsonValue] = {**after.evidence(), "epoch": job.call.epoch}
        return StepResult(
            changed=changed,
            reason=reason,
            before=before.evidence(),
            after=evidence,
            proved=self._proved(after),
        )


class Look(Observing[S, V]):
    """Changes nothing: what it sees is its answer. `_proved` is False when a person must look at what was found."""

    @abstractmethod
    def _found(self, job: Job[S], seen: V) -> str:
        """What was found, in a sentence. Pure."""

    async def _run(self, job: Job[S]) -> StepResult:
        seen = await self._observe(job)
        return self._result(job, seen, seen, self._found(job, seen), changed=False)

    async def _check(self, job: Job[S]) -> StepResult:
        seen = await self._observe(job)
        return StepResult(changed=False, reason=self._found(job, seen), before=seen.evidence())


class Act(Observing[S, V]):
    """Changes something, once, however often it is run.

    One that is `undoable` gives `_undo` in the same shape: observe (which refuses a stale epoch), change back only
    what is not so already, observe again, and answer with `_result`.
    """

    @abstractmethod
    def _settled(self, job: Job[S], seen: V) -> str | None:
        """The sentence why nothing is to do, or None. Pure."""

    @abstractmethod
    async def _act(self, job: Job[S], seen: V) -> str:
        """Change it, wait for the effect, and say what was done. Raises StepError, or SettledMeanwhile."""

    async def _observe_after(self, job: Job[S], seen: V) -> V:
        """See how it stands after the act; `seen` is what was there before."""
        del seen
        return await self._observe(job)

    async def _run(self, job: Job[S]) -> StepResult:
        seen = await self._observe(job)
        settled = self._settled(job, seen)
        if settled is not None:
            return self._result(job, seen, seen, settled, changed=False)
        try:
            done, changed = await self._act(job, seen), True
        except SettledMeanwhile as news:
            done, changed = str(news), False
        return self._result(job, seen, await self._observe_after(job, seen), done, changed=changed)

    async def _check(self, job: Job[S]) -> StepResult:
        seen = await self._observe(job)
        reason = self._settled(job, seen) or f"{self.uses} could be done now."
        return StepResult(changed=False, reason=reason, before=seen.evidence())
