"""The wait for a cloud's database that is being changed: until it is as wanted, or will never be by itself."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from pydantic import JsonValue

from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType


class Changing(Protocol):
    """How it stands."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def status(self) -> str:
        """In the cloud's own word."""
        ...

    @property
    def passing(self) -> bool:
        """The cloud is at work on it, or it is fine."""
        ...

    @property
    def console(self) -> str:
        """Where people look at it."""
        ...

    def evidence(self) -> dict[str, JsonValue]: ...  # noqa: D102


C = TypeVar("C", bound=Changing)


async def until(
    job: Job[Any],
    look: Callable[[], Awaitable[C]],
    enough: Callable[[C], bool],
    *,
    every: float,
    wanted: str,
) -> C:
    """Look until it is as `wanted`; a look that fails for a moment counts for nothing. Raises StepError."""
    failed: list[StepError] = []

    async def seen() -> C | None:
        try:
            now = await look()
        except StepError as error:
            if error.final:
                raise
            failed[:] = [error]
            return None
        job.progress.text = f"{now.name} is {now.status}"
        return now

    def done(now: C | None) -> bool:
        return now is not None and (enough(now) or not now.passing)

    now, _ = await poll(seen, done, every=every, within=job.allowed)
    if now is None:
        raise failed[0]
    if enough(now):
        return now
    where = f"{now.name} in {job.call.region}"
    if not now.passing:
        sentence = f"{where} is {now.status}, and should be {wanted}: look at it in {now.console}."
        raise StepError(ErrorType.WRONG_STATE, sentence, now.evidence())
    sentence = f"{where} is {now.status} after {job.allowed:.0f} s, and not yet {wanted}: look at its events."
    raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
