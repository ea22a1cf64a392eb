"""How a cloud is asked: within the time that the step has left, and what its library raises is told as ours."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType

T = TypeVar("T")


async def bounded(
    ask: Callable[[], Awaitable[T]],
    job: Job[Any],
    cloud: str,
    asked: str,
    meant: Callable[[Exception], StepError | None],
) -> T:
    """The answer of a `cloud` ("AWS") to what is `asked` ("rds:PromoteReadReplica").

    `meant` says what an exception of the library means. Raises StepError; what is not understood is raised as it is.
    """
    try:
        async with asyncio.timeout(job.allowed):
            return await ask()
    except TimeoutError:
        raise StepError(
            ErrorType.TIMED_OUT,
            f"{cloud} gave no answer to {asked} within {job.allowed:g} s: it is looked at again.",
        ) from None
    except StepError:
        raise
    except Exception as error:  # each library has a tree of errors of its own; what is none of it goes on as it is
        found = meant(error)
        if found is None:
            raise
        raise found from None  # the cause may quote what was sent
