"""The shape of every group that scales in a cloud: grow and wait until it serves, shrink by order, undo either.

Sized[S]    a group's settings with the size that a plan wants
Scale       Act over a view that has `desired`, `ready` and `epoch`
"""

from abc import abstractmethod
from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import Field, JsonValue

from activities.acting import Act
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
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

    Must give `_see` and `_order`. May give another `_unit` and `_stuck`.
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

    def _why_stuck(self, seen: V) -> str | None:
        """The sentence why it will not grow, if that can be seen: then nobody waits for it. Pure."""
        del seen
        return None

    async def _observe(self, job: Job[S]) -> V:
        seen = await self._see(job)
        if (seen.epoch or 0) > job.call.epoch:
            raise StepError(
                ErrorType.STALE_EPOCH,
                f"{job.call.resource} in {job.call.region} has been sized by decision {seen.epoch}, which is newer "
                f"than this run's {job.call.epoch}: nothing was changed.",
                seen.evidence(),
            )
        return seen

    def _settled(self, job: Job[S], seen: V) -> str | None:
        needed = job.settings.replicas
        if job.settings.down:
            few = f"{seen.desired} {self.unit} are wanted already, and no more than {needed} should be."
            return few if seen.desired <= needed else None
        if min(seen.desired, seen.ready) < needed:
            return None
        return f"{seen.ready} {self.unit} are ready already, and {needed} are needed."

    async def _act(self, job: Job[S], seen: V) -> str:
        change = self._shrink if job.settings.down else self._grow
        return await change(job, seen, job.settings.replicas)

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
        now, enough = await poll(
            lambda: self._patiently(job, seen, needed),
            lambda now: now.ready >= needed or self._why_stuck(now) is not None,
            every=self.every,
            within=job.allowed,
        )
        stuck = self._why_stuck(now) if now.ready < needed else None
        if stuck is not None:
            raise StepError(ErrorType.NO_CAPACITY, stuck, now.evidence())
        if not enough:
            raise StepError(
                ErrorType.NOT_YET,
                f"{now.ready} of {needed} {self.unit} of {job.call.resource} in {job.call.region} are ready after "
                f"{job.allowed:g} s: look at why the others are not.",
                now.evidence(),
            )
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
