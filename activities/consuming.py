"""The shape of what switches consumers on or off: look, refuse a stale decision, note this one, switch, wait.

Switching
+-- SwitchOff    nothing is consumed here (`fence`, `reseed`)
+-- SwitchOn     it is consumed here (`promote`)
"""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from activities.acting import Act
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.event_sources import (
    CHANGES,
    LISTS,
    SEES,
    Mapping,
    MappingsView,
    arns,
    note,
    order,
    read_mappings,
)
from activities.contract import Job
from activities.errors import StepError
from activities.stale import refuse_stale
from runbooks.aws.event_sources import EventSourcesSettings
from runbooks.steps import ErrorType

S = TypeVar("S", bound=EventSourcesSettings)


class Switching(OnAws, Act[S, MappingsView], Generic[S]):
    """Must say in `_fit` what all mappings must be."""

    permissions = (*SEES, *CHANGES)
    unscoped = LISTS
    on: ClassVar[bool]
    every: ClassVar[float] = 1.0

    @classmethod
    def arns(cls, settings: EventSourcesSettings) -> tuple[str, ...]:
        """The region's mappings."""
        return arns(settings)

    @abstractmethod
    def _fit(self, seen: MappingsView) -> bool:
        """All of them are as they are to be. Pure."""

    async def _observe(self, job: Job[S]) -> MappingsView:
        seen = await read_mappings(aws(job), job.settings)
        refuse_stale(job, seen.newest, f"{job.call.resource} in {job.call.region}")
        return seen

    def _settled(self, job: Job[S], seen: MappingsView) -> str | None:
        done = self._fit(seen) and seen.keeps(job.call.epoch)
        return f"Its event source mappings are so already: {seen.told()}." if done else None

    async def _act(self, job: Job[S], seen: MappingsView) -> str:
        for one in seen.mappings:
            if one.epoch != job.call.epoch:
                stops = not self.on and one.state != "Disabled"
                await note(aws(job), one, job.call.epoch, stops=stops)
        now = await self._switched(job, lambda _: True, on=self.on)
        return f"Its event source mappings: {now.told()}; before: {seen.told()}."

    async def _switched(self, job: Job[S], meant: Callable[[Mapping], bool], *, on: bool) -> MappingsView:
        """Switch those that are meant, as soon as Lambda takes it, and wait until it is done. Raises StepError."""
        wanted = "Enabled" if on else "Disabled"
        loop = asyncio.get_running_loop()
        deadline = loop.time() + job.allowed
        while True:
            now = await self._observe(job)
            left = [one for one in now.mappings if meant(one) and one.state != wanted]
            if not left:
                return now
            job.progress.text = now.told()
            for one in left:
                await self._ordered(job, one, on=on)
            if loop.time() + self.every > deadline:
                raise StepError(
                    ErrorType.NOT_YET,
                    f"The event source mappings of {job.settings.function} in {job.settings.aws_region} are not "
                    f"{wanted.lower()} yet: {now.told()}. Look at them in Lambda.",
                    now.evidence(),
                )
            await asyncio.sleep(self.every)

    async def _ordered(self, job: Job[S], one: Mapping, *, on: bool) -> None:
        if one.state != ("Disabled" if on else "Enabled"):
            return  # it is on its way, one way or the other: Lambda takes no order until it has arrived
        try:
            await order(aws(job), one, on=on)
        except StepError as error:
            if error.kind is not ErrorType.BUSY:
                raise


class SwitchOff(Switching[S], Generic[S]):
    """Nothing more is consumed."""

    on = False

    def _fit(self, seen: MappingsView) -> bool:
        return seen.off


class SwitchOn(Switching[S], Generic[S]):
    """It is consumed."""

    on = True

    def _fit(self, seen: MappingsView) -> bool:
        return seen.on
