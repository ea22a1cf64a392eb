"""The shape of a wait for a replica whose lag CloudWatch tells: look until it is near enough, or has everything.

Nearness    what such a step's settings say besides
Replica     what is seen of both ends: the replica, and its lag
CatchUp     Act over a Replica; it changes nothing
"""

from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import JsonValue

from activities.acting import Act, SettledMeanwhile
from activities.clients.cloudwatch_lag import Lag
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.aws.rds import FencedSettings
from runbooks.steps import ErrorType


class Nearness(FencedSettings):
    """How near is near enough: `exact` is everything."""

    exact: bool = False
    within_bytes: int = 0
    """Not told by AWS: `near` counts instead."""


class Replica(Protocol):
    """Both ends, at one look."""

    @property
    def name(self) -> str:
        """The replica's."""
        ...

    @property
    def lag(self) -> Lag:
        """How far it is behind."""
        ...

    def evidence(self) -> dict[str, JsonValue]: ...  # noqa: D102


S = TypeVar("S", bound=Nearness)
V = TypeVar("V", bound=Replica)


class CatchUp(Act[S, V], Generic[S, V]):
    """Must give `_observe`, which says by an error why it will never be there, and `_settled`."""

    every: ClassVar[float] = 1.0
    """Seconds between two looks."""

    async def _act(self, job: Job[S], seen: V) -> str:
        async def look() -> V:
            try:
                now = await self._observe(job)
            except StepError as error:
                if error.final:
                    raise
                return seen  # a look that fails for a moment is no reason to give up
            job.progress.text = f"{now.name} is {now.lag.said}"
            return now

        now, done = await poll(
            look, lambda now: self._settled(job, now) is not None, every=self.every, within=job.allowed
        )
        if done:
            raise SettledMeanwhile(self._settled(job, now) or "")
        wanted = "everything from before the fence" if job.settings.exact else f"all but {job.settings.near:g} s"
        sentence = f"{now.name} is {now.lag.said}, and should have {wanted}: look at its replication."
        raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
