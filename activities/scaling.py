"""The shape of every group that scales: grow and wait until it serves, shrink by order, undo either.

Size        what a plan wants of a group; beside settings that are Matching, perhaps more (`matching.py`)
Scale       Act over a view (Sized) that has `desired`, `ready` and `epoch`
"""

from abc import abstractmethod
from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import Field, JsonValue

from activities.acting import Act
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.matching import Matched, ask_elsewhere
from runbooks.steps import ErrorType, StepResult
from runbooks.values import Model


class Size(Model):
    """What a plan adds to a group's settings."""

    replicas: int = Field(ge=0)
    down: bool = False
    """Scale in, to exactly so many: only where traffic has left."""


class Sized(Protocol):
    """How large a group is, and is to be."""

    @property
    def desired(self) -> int: ...  # noqa: D102

    @property
    def ready(self) -> int:
        """So many serve."""
        ...

    @property
    def epoch(self) -> int | None:
        """The newest decision that the group keeps."""
        ...

    def evidence(self) -> dict[str, JsonValue]: ...  # noqa: D102


S = TypeVar("S", bound=Size)
V = TypeVar("V", bound=Sized)


class Scale(Act[S, V], Generic[S, V]):
    """Never scales in while failing over (unless `down`), never repeats an order that stands, refuses a stale decision.

    Must give `_see`, `_order` and `_was`. May give another `unit`, `_why_stuck`, `_refuse`, `_resume`, `_newer`,
    `_late`; and `_elsewhere`, where its settings are Matching.
    """

    undoable = True
    every: ClassVar[float] = 1.0
    """Seconds between two looks while it grows: a cloud counts requests."""
    unit: ClassVar[str] = "replicas"

    @abstractmethod
    async def _see(self, job: Job[S]) -> V:
        """Look at the group. Raises StepError."""

    @abstractmethod
    async def _order(self, job: Job[S], seen: V, wanted: int) -> None:
        """Have it so large, and note the decision. Raises StepError; NO_CAPACITY when there is none."""

    @abstractmethod
    def _was(self, before: dict[str, JsonValue]) -> V | None:
        """What an act saw before it, from its record."""

    async def _elsewhere(self, job: Job[S], upstream: dict[str, JsonValue], *, longest: bool) -> int | None:
        """How large the same group is in the region of those settings: now, or (`longest`) at most within 24 hours.

        None when nobody has counted. Raises StepError, also when the settings cannot be read.
        """
        del job, upstream, longest
        return None

    async def _resume(self, job: Job[S], seen: V) -> None:
        """Go on waiting for what an earlier attempt has ordered, where a cloud says how that ends. Raises StepError."""
        del job, seen

    def _why_stuck(self, seen: V) -> str | None:
        """The sentence why it will not grow, if that can be seen: then nobody waits for it. Pure."""
        del seen
        return None

    def _stuck_as(self, seen: V) -> ErrorType:
        """What kind of failure that is. Pure."""
        del seen
        return ErrorType.NO_CAPACITY

    def _newer(self, job: Job[S], seen: V) -> str:
        """The sentence that a newer decision has sized it already. Pure."""
        return (
            f"{job.call.resource} in {job.call.region} has been sized by decision {seen.epoch}, which is newer "
            f"than this run's {job.call.epoch}: nothing was changed."
        )

    def _late(self, job: Job[S], now: V, needed: int) -> str:
        """The sentence that it has not grown in time, and where to look. Pure."""
        said = self._said(now).rstrip(".")
        look = f"the cloud says: {said}" if said else "look at why the others are not"
        return (
            f"{now.ready} of {needed} {self.unit} of {job.call.resource} in {job.call.region} are ready after "
            f"{job.allowed:g} s: {look}."
        )

    def _said(self, seen: V) -> str:
        """What the cloud has said last of what does not come up, if it says anything. Pure."""
        del seen
        return ""

    async def _run(self, job: Job[S]) -> StepResult:
        await self._match(job)
        return await super()._run(job)

    async def _check(self, job: Job[S]) -> StepResult:
        await self._match(job)
        seen = await self._observe(job)
        settled = self._settled(job, seen)
        if settled is None and not job.settings.down:
            await self._refuse(job, seen, self._needed(job))
        reason = settled or f"{self.uses} could be done now."
        return StepResult(changed=False, reason=reason, before=seen.evidence())

    async def _refuse(self, job: Job[S], seen: V, needed: int) -> None:
        """Raises StepError when it could not grow so far now, as far as can be seen without trying."""
        del job, seen, needed

    async def _match(self, job: Job[S]) -> None:
        """Ask the region that is left, once a call, how large the group has to be."""
        if not job.settings.down:
            job.kept[Matched] = await ask_elsewhere(job, self._elsewhere)

    def _needed(self, job: Job[S]) -> int:
        """The plan's number, or more where the region that is left runs more."""
        matched = job.kept.get(Matched)
        return matched.needed if isinstance(matched, Matched) else job.settings.replicas

    def _result(self, job: Job[S], before: V, after: V, reason: str, *, changed: bool) -> StepResult:
        result = super()._result(job, before, after, reason, changed=changed)
        matched = job.kept.get(Matched)
        if not isinstance(matched, Matched) or not matched.sentence:
            return result
        evidence = {**result.after, "match": matched.model_dump(mode="json")}
        return result.model_copy(update={"reason": f"{reason} {matched.sentence}", "after": evidence})

    async def _observe(self, job: Job[S]) -> V:
        seen = await self._see(job)
        if (seen.epoch or 0) > job.call.epoch:
            raise StepError(ErrorType.STALE_EPOCH, self._newer(job, seen), seen.evidence())
        return seen

    def _settled(self, job: Job[S], seen: V) -> str | None:
        needed = self._needed(job)
        if job.settings.down:
            few = f"{seen.desired} {self.unit} are wanted already, and no more than {needed} should be."
            return few if seen.desired <= needed else None
        if min(seen.desired, seen.ready) < needed:
            return None
        return f"{seen.ready} {self.unit} are ready already, and {needed} are needed."

    async def _act(self, job: Job[S], seen: V) -> str:
        change = self._shrink if job.settings.down else self._grow
        return await change(job, seen, self._needed(job))

    async def _undo(self, job: Job[S], before: dict[str, JsonValue]) -> StepResult:
        was, seen = self._was(before), await self._observe(job)
        if was is None:
            reason = f"How large the group was is not known: its {seen.desired} {self.unit} are left."
            return self._result(job, seen, seen, reason, changed=False)
        done = seen.desired >= was.desired if job.settings.down else seen.desired <= was.desired
        if done:
            reason = f"{seen.desired} {self.unit} are wanted already; before the step there were {was.desired}."
            return self._result(job, seen, seen, reason, changed=False)
        change = self._grow if job.settings.down else self._shrink
        reason = await change(job, seen, was.desired)
        return self._result(job, seen, await self._observe(job), reason, changed=True)

    async def _shrink(self, job: Job[S], seen: V, wanted: int) -> str:
        """Order fewer; nobody waits for them to be gone."""
        await self._order(job, seen, wanted)
        return f"{wanted} {self.unit} are wanted; before there were {seen.desired}."

    async def _grow(self, job: Job[S], seen: V, needed: int) -> str:
        if seen.desired < needed:
            await self._order(job, seen, needed)
        else:
            await self._resume(job, seen)
        now, enough = await poll(
            lambda: self._patiently(job, seen, needed),
            lambda now: now.ready >= needed or self._why_stuck(now) is not None,
            every=self.every,
            within=job.allowed,
        )
        stuck = self._why_stuck(now) if now.ready < needed else None
        if stuck is not None:
            raise StepError(self._stuck_as(now), stuck, now.evidence())
        if not enough:
            raise StepError(ErrorType.NOT_YET, self._late(job, now, needed), now.evidence())
        return f"{now.ready} {self.unit} are ready; before there were {seen.ready}."

    async def _patiently(self, job: Job[S], seen: V, needed: int) -> V:
        """Look; a look that fails for a moment is no reason to give up what grows."""
        try:
            now = await self._observe(job)
        except StepError as error:
            if error.final:
                raise
            return seen
        job.progress.text = f"{now.ready} of {needed} {self.unit} are ready"
        return now
