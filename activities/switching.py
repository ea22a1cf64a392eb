"""The shape of whatever leads clients to a region by being on there, and off in all others.

Switched    what a plan adds to the settings
Switches    View: which regions are on
Switch      Act: turn those on that are to serve, and all others off; wait until that has arrived; undo it
"""

import asyncio
from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from pydantic import JsonValue

from activities.acting import Act, SettledMeanwhile, View
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.observing import Sight
from activities.stale import refuse_stale
from runbooks.facts import DnsValues
from runbooks.steps import ErrorType, StepResult
from runbooks.values import Model

_TRIES = 5
"""Looks and changes, when somebody else's change comes between them each time."""
_SHARE = 0.8
"""Of the call's time, to wait for the change."""


class Switched(Model):
    """Where the name is to lead, and where it led at planning."""

    weights: dict[str, int] = {}
    before: tuple[str, ...] | None = None

    @property
    def serving(self) -> tuple[str, ...]:
        """The regions that are to be on. Raises StepError rather than be empty: that would take the system away."""
        found = tuple(region for region, weight in self.weights.items() if weight > 0)
        if not found:
            sentence = "No region has any weight, so nothing would be on: give one region a weight above 0."
            raise StepError(ErrorType.BAD_SETTINGS, sentence)
        return found


class Switches(View):
    """Which regions are on."""

    on: tuple[str, ...]
    epoch: int | None = None
    noted: bool = True
    """The place where the decision is kept can be read."""
    pending: bool = False
    """The last change has not arrived everywhere."""

    def where(self) -> str:
        """In words."""
        return ", ".join(self.on) or "nothing"


def sight(seen: Switches, name: str) -> Sight:
    """What a detector says of it: healthy when something is on."""
    values = DnsValues(regions=seen.on, addresses=(), ttl=0).model_dump(mode="json")
    return Sight(good=bool(seen.on), reason=f"{name} leads to {seen.where()}.", values=values)


S = TypeVar("S", bound=Switched)
V = TypeVar("V", bound=Switches)


class Switch(Act[S, V], Generic[S, V]):
    """Must give `_see`, `_turn` and `_note`; `view` is the class of what `_see` gives.

    `_turn` may raise CONFLICT when somebody else came between: then it is looked at again. When it is not `atomic` it
    Must turn on before it turns off, and what is half done by our own decision is gone on with.
    """

    undoable = True
    view: type[V]
    every: ClassVar[float] = 1.0
    """Seconds between two looks."""
    atomic: ClassVar[bool] = True
    """All switches are turned by one request."""

    @abstractmethod
    async def _see(self, job: Job[S]) -> V:
        """Look. Raises StepError."""

    @abstractmethod
    async def _turn(self, job: Job[S], seen: V, on: tuple[str, ...], was: V | None) -> None:
        """Turn these regions on, and all others off; in an undo as they were. Raises StepError."""

    @abstractmethod
    async def _note(self, job: Job[S], seen: V) -> None:
        """Keep the decision where the next look finds it. Raises StepError."""

    async def _observe(self, job: Job[S]) -> V:
        job.settings.serving  # noqa: B018 - a mistake in the settings comes before any question
        # One switch may be read before another worker's change and the next one after it: then it is looked at twice.
        seen = await self._see(job)
        if not self._planned(job, seen):
            await asyncio.sleep(self.every)
            seen = await self._see(job)
        refuse_stale(job, seen.epoch, job.call.resource)
        if self._planned(job, seen):
            return seen
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{job.call.resource} leads to {seen.where()}, which is neither where it led at planning nor where it is "
            "to lead: look who changed it, then plan again.",
            seen.evidence(),
        )

    def _planned(self, job: Job[S], seen: V) -> bool:
        """It leads to where it led at planning or is to lead; or half way, by our own decision."""
        if job.settings.before is None:
            return True
        wanted, before = set(job.settings.serving), set(job.settings.before)
        half_done = not self.atomic and seen.epoch == job.call.epoch and set(seen.on) <= before | wanted
        return set(seen.on) in (wanted, before) or half_done

    def _settled(self, job: Job[S], seen: V) -> str | None:
        return self._leads(job, seen, job.settings.serving)

    async def _act(self, job: Job[S], seen: V) -> str:
        return await self._lead(job, seen, job.settings.serving)

    async def _undo(self, job: Job[S], before: dict[str, JsonValue]) -> StepResult:
        was = self.view.from_evidence(before)
        seen = await self._observe(job)
        back = was.on if was is not None and set(was.on) != set(job.settings.serving) else (job.settings.before or ())
        if not back:
            raise StepError(
                ErrorType.WRONG_STATE,
                f"Where {job.call.resource} led before this step is not known, or it led nowhere: it is left as it is.",
            )
        if settled := self._leads(job, seen, back):
            return self._result(job, seen, seen, settled, changed=False)
        try:
            done, changed = await self._lead(job, seen, back, was if was is not None and was.on == back else None), True
        except SettledMeanwhile as news:
            done, changed = str(news), False
        return self._result(job, seen, await self._observe(job), done, changed=changed)

    @staticmethod
    def _leads(job: Job[S], seen: V, on: tuple[str, ...]) -> str | None:
        # Equal under an older epoch is not settled: without our epoch an older decision could still undo it.
        if set(seen.on) != set(on) or seen.pending or (seen.noted and seen.epoch != job.call.epoch):
            return None
        return f"{job.call.resource} leads to {seen.where()} already."

    async def _lead(self, job: Job[S], seen: V, on: tuple[str, ...], was: V | None = None) -> str:
        now, turned = seen, False
        for tries_left in reversed(range(_TRIES)):
            noted = now.noted and now.epoch != job.call.epoch
            if noted:
                await self._note(job, now)
            if set(now.on) == set(on):
                break
            try:
                await self._turn(job, now, on, was)
            except StepError as error:
                if error.kind is not ErrorType.CONFLICT or not tries_left:
                    raise
                now = await self._observe(job)
                continue
            turned = True
            break
        await self._arrived(job, on)
        where = ", ".join(on)
        if turned:
            unnoted = "" if seen.noted else " The decision could not be noted: its place gives no answer."
            return f"{job.call.resource} leads to {where}; before it led to {seen.where()}.{unnoted}"
        if noted:
            return f"{job.call.resource} leads to {where} already; decision {job.call.epoch} was noted beside it."
        news = f"{job.call.resource} leads to {where} already."
        raise SettledMeanwhile(news)

    async def _arrived(self, job: Job[S], on: tuple[str, ...]) -> None:
        """Wait until it is seen everywhere."""
        job.progress.text = f"waits until {job.call.resource} leads to {', '.join(on)} everywhere"
        now, done = await poll(
            lambda: self._see(job),
            lambda now: set(now.on) == set(on) and not now.pending,
            every=self.every,
            within=job.allowed * _SHARE,
        )
        if not done:
            raise StepError(
                ErrorType.NOT_YET,
                f"The change was accepted, but after {job.allowed * _SHARE:.0f} s {job.call.resource} leads to "
                f"{now.where()}{', and it is still being spread' if now.pending else ''}: it is looked at again.",
                now.evidence(),
            )
