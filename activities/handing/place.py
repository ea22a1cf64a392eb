"""What is seen of a store in one region, and what a technology must give of it."""

from abc import abstractmethod
from typing import Any, ClassVar, Generic, Literal, TypeVar

from activities.acting import View
from activities.contract import Job
from activities.errors import StepError
from activities.lagging import Lag
from activities.lifeline import poll
from activities.stale import refuse_stale
from runbooks.steps import ErrorType
from runbooks.values import Model


class Place(View):
    """A store in one region."""

    name: str
    role: Literal["primary", "standby", "alone"]
    """`alone`: it is not, or no longer, in what the cloud moves."""
    status: str
    """In the cloud's own words."""
    at_rest: bool = True
    """Nothing is being moved, as far as can be seen."""
    in_step: bool = False
    """A standby that takes in what its primary writes."""
    epoch: int | None = None
    others: dict[str, str] = {}
    """The other places, and how the replication of each stands, as the primary tells it."""
    lag: Lag | None = None
    """Where the cloud tells it."""
    refuses: str | None = None
    """The sentence why the cloud would not move it, or None."""


S = TypeVar("S", bound=Model)


class Handed(Generic[S]):
    """Beside the shapes below. Must give what follows."""

    demotes: ClassVar[str]
    """The sentence that the cloud takes the role of the primary away in the promotion."""
    every: ClassVar[float] = 1.0

    @abstractmethod
    async def _see(self, job: Job[Any], settings: S) -> Place:
        """Look. Raises StepError."""

    @abstractmethod
    async def _note(self, job: Job[Any]) -> None:
        """Keep the decision, before anything is changed by it. Raises StepError."""

    @abstractmethod
    async def _ready(self, job: Job[Any]) -> None:
        """Wait for what an earlier attempt has begun; then raise StepError when a lock forbids the change."""

    async def _stood(self, job: Job[Any]) -> Place:
        """Look at one's own, and refuse an older decision. Raises StepError."""
        seen = await self._see(job, job.settings)
        refuse_stale(job, seen.epoch, f"{seen.name} in {job.call.region}")
        return seen


async def until(shape: Any, job: Job[Any], seen: Place, said: Any, wanted: str) -> str:  # noqa: ANN401 - of each shape
    """Look until `said` has a sentence for it; a look that fails for a moment counts for nothing. Raises StepError."""

    async def look() -> Place:
        try:
            now: Place = await shape._observe(job)  # noqa: SLF001 - of the shapes beside this file
        except StepError as error:
            if error.final:
                raise
            return seen
        job.progress.text = f"{now.name} is {now.role} ({now.status})"
        return now

    now, done = await poll(look, lambda now: said(now) is not None, every=shape.every, within=job.allowed)
    if done:
        return str(said(now))
    where = f"{now.name} in {job.call.region}"
    stands = f"is {now.role} ({now.status}) after {job.allowed:.0f} s"
    sentence = f"{where} {stands}, and should be {wanted}: look at it."
    raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
