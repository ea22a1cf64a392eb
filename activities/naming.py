"""The shape of whatever leads a public name by records that are replaced as a whole, if they are still as read.

PublicName    the settings of one in all its regions, as a plan gives them
NameView      View: where it leads, and what its records are
LeadName      Act: compare and set; wait until it has arrived, and have it confirmed; undo it
"""

import asyncio
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import JsonValue

from activities.acting import Act, SettledMeanwhile, View
from activities.contract import Job
from activities.errors import StepError
from activities.stale import refuse_stale
from runbooks.steps import ErrorType, StepResult
from runbooks.values import Model

RecordSet = dict[str, Any]
"""One record set (or endpoint) in the words of whoever keeps it."""

_TRIES = 5
"""Looks and changes, when somebody else's change comes between them each time."""


class PublicName(Model):
    """Beside the kind's common settings. `places` is declared anew by each kind."""

    places: Mapping[str, Any]
    weights: dict[str, int] = {}
    """Each region's share of the traffic: where the name is to lead."""
    before: tuple[str, ...] | None = None
    """Where the name led at planning; None: do not ask."""
    weights_before: dict[str, int] = {}
    """The shares then."""

    @property
    def title(self) -> str:
        """What it is called in sentences."""
        raise NotImplementedError

    @property
    def waits(self) -> float:
        """Seconds for which a stage is left to itself."""
        return 0.0

    def place(self, region: str) -> Any:  # noqa: ANN401 - each kind has places of its own
        """Raises StepError for a region that the name knows nothing of."""
        try:
            return self.places[region]
        except KeyError:
            raise StepError(
                ErrorType.BAD_SETTINGS, f"The region {region} has nothing to lead {self.title} to: give it settings."
            ) from None

    @property
    def serving(self) -> tuple[str, ...]:
        """The regions that the name is to lead to. Raises StepError rather than be empty."""
        return self.weighed(self.weights)

    def weighed(self, weights: Mapping[str, int]) -> tuple[str, ...]:
        """The regions that have any weight. Raises StepError rather than be empty."""
        found = tuple(region for region, weight in weights.items() if weight > 0)
        for region in found:
            self.place(region)
        if not found:
            raise StepError(
                ErrorType.BAD_SETTINGS,
                f"No region has any weight, so {self.title} would lead nowhere, or to all regions alike: give one "
                "region a weight above 0.",
            )
        return found


class NameView(View):
    """What is kept of the name."""

    sets: tuple[dict[str, JsonValue], ...]
    leads: dict[str, int]
    """Each region that it leads to, and its weight."""
    strangers: tuple[str, ...] = ()
    """What it leads to besides, that is none of the runbook's."""
    epoch: int | None = None

    def where(self) -> str:
        """Where it leads, in words."""
        return leads_in_words(self.leads, self.strangers)

    @property
    def ttl(self) -> int:
        """How long old answers live, in seconds."""
        raise NotImplementedError


def leads_in_words(leads: Mapping[str, int], strangers: tuple[str, ...] = ()) -> str:
    """`eu-west-1`, or `us-east-1 (30), eu-west-1 (70)`."""
    several = len(leads) > 1
    told = [f"{region} ({weight})" if several else region for region, weight in leads.items()]
    return ", ".join((*told, *strangers)) or "nothing"


N = TypeVar("N", bound=PublicName)
V = TypeVar("V", bound=NameView)


class LeadName(Act[N, V], Generic[N, V]):
    """Must give `_see`, `_wanted`, `_same`, `_led` and `_replace`; `view` is the class of what `_see` gives.

    `_replace` Must be one request that is all or nothing, with the decision in it, and raise CONFLICT when the records
    are no longer as seen, where whoever keeps them can tell.
    """

    undoable = True
    view: type[V]
    every: ClassVar[float] = 1.0
    """Seconds between two looks."""

    @abstractmethod
    async def _see(self, job: Job[N]) -> V:
        """Look. Raises StepError."""

    @abstractmethod
    def _wanted(self, job: Job[N], weights: Mapping[str, int]) -> tuple[RecordSet, ...]:
        """The records that lead there. Pure. Raises StepError."""

    @abstractmethod
    def _same(self, job: Job[N], one: tuple[RecordSet, ...], other: tuple[RecordSet, ...]) -> bool:
        """They say the same, however they are written. Pure."""

    @abstractmethod
    def _led(self, job: Job[N], sets: tuple[RecordSet, ...]) -> dict[str, int]:
        """Where such records lead. Pure."""

    @abstractmethod
    async def _replace(self, job: Job[N], seen: V, wanted: tuple[RecordSet, ...]) -> None:
        """Lead the name there if all is as seen, and wait until it is so everywhere. Raises StepError."""

    async def _confirmed(self, job: Job[N], result: StepResult, serving: tuple[str, ...]) -> StepResult:
        """The same, when whoever answers clients says so too. Raises StepError when they do not."""
        del job, serving
        return result

    async def _observe(self, job: Job[N]) -> V:
        settings = job.settings
        wanted = self._wanted(job, settings.weights)  # a mistake in the settings comes before any question
        seen = await self._see(job)
        refuse_stale(job, seen.epoch, settings.title)
        planned = (set(settings.before or ()), set(settings.serving))
        expected = not seen.strangers and (settings.before is None or set(seen.leads) in planned)
        if expected or self._same(job, seen.sets, wanted):
            return seen
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{settings.title} leads to {seen.where()}, which is neither where it led at planning nor where it is to "
            "lead: look who changed it, then plan again.",
            seen.evidence(),
        )

    def _settled(self, job: Job[N], seen: V) -> str | None:
        return self._leads(job, seen, self._wanted(job, job.settings.weights))

    async def _act(self, job: Job[N], seen: V) -> str:
        done = await self._lead(job, seen, self._wanted(job, job.settings.weights))
        if job.settings.waits:
            job.progress.text = f"a stage of the move: waits for {job.settings.waits:g} s"
            await asyncio.sleep(job.settings.waits)
        return done

    async def _run(self, job: Job[N]) -> StepResult:
        result = await super()._run(job)
        return await self._confirmed(job, result, job.settings.serving)

    async def _undo(self, job: Job[N], before: dict[str, JsonValue]) -> StepResult:
        back = self._back_to(job, self.view.from_evidence(before))
        seen = await self._observe(job)
        if settled := self._leads(job, seen, back):
            return self._result(job, seen, seen, settled, changed=False)
        wanted = self._wanted(job, job.settings.weights)
        if not self._same(job, seen.sets, back) and not self._same(job, seen.sets, wanted):
            raise StepError(
                ErrorType.WRONG_STATE,
                f"{job.settings.title} leads to {seen.where()}, which is not where this step led it: look who changed "
                "it; it was not led back.",
                seen.evidence(),
            )
        try:
            done, changed = await self._lead(job, seen, back), True
        except SettledMeanwhile as news:
            done, changed = str(news), False
        result = self._result(job, seen, await self._observe(job), done, changed=changed)
        return await self._confirmed(job, result, tuple(self._led(job, back)))

    def _leads(self, job: Job[N], seen: V, wanted: tuple[RecordSet, ...]) -> str | None:
        # Equal under an older epoch is not settled: without our epoch an older decision could still undo it.
        if not self._same(job, seen.sets, wanted) or seen.epoch != job.call.epoch:
            return None
        return f"{job.settings.title} leads to {seen.where()} already."

    async def _lead(self, job: Job[N], seen: V, wanted: tuple[RecordSet, ...]) -> str:
        title, now = job.settings.title, seen
        for attempt in range(1, _TRIES + 1):
            try:
                await self._replace(job, now, wanted)
                break
            except StepError as error:
                if error.kind is not ErrorType.CONFLICT or attempt == _TRIES:
                    raise
                refusal = error
            # It may have been the same step, running twice: then there is nothing left to do.
            last, now = now, await self._observe(job)
            if settled := self._leads(job, now, wanted):
                raise SettledMeanwhile(settled)
            if now == last:
                sentence = f"Nobody else has changed {title}, so it is the change itself. {refusal.sentence}"
                raise StepError(ErrorType.BAD_SETTINGS, sentence, refusal.evidence)
        new = leads_in_words(self._led(job, wanted))
        if self._same(job, seen.sets, wanted):
            return f"{title} leads to {new} already; decision {job.call.epoch} was noted beside it."
        return f"{title} leads to {new}; before it led to {seen.where()}. Old answers live up to {seen.ttl} s."

    def _back_to(self, job: Job[N], was: V | None) -> tuple[RecordSet, ...]:
        """The records before the step. An act that was run twice saw its own work: then those of planning."""
        settings = job.settings
        sets: tuple[RecordSet, ...] = was.sets if was is not None else ()
        if was is None or self._same(job, sets, self._wanted(job, settings.weights)):
            led_before = {region: settings.weights_before.get(region, 1) or 1 for region in settings.before or ()}
            sets = self._wanted(job, led_before) if led_before else sets
        if sets:
            return sets
        raise StepError(
            ErrorType.WRONG_STATE,
            f"Where {settings.title} led before this step is not known, or it led nowhere: it is left as it is.",
        )
