"""How a cloud that asks for patience is waited for: it has done nothing, so the same is asked again, and later."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from activities.errors import StepError

T = TypeVar("T")

_TRIES = 5


async def patiently(ask: Callable[[], Awaitable[T]], throttled: Callable[[StepError], bool], first: float) -> T:
    """Ask, as long as the refusal is a throttling, a few times; `first` is the first wait, in seconds.

    Raises StepError: any other one at once, and the throttling itself when it does not end.
    """
    wait = first
    for tries_left in reversed(range(_TRIES)):
        try:
            return await ask()
        except StepError as error:
            if not tries_left or not throttled(error):
                raise
        await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the crowd, hides nothing
        wait *= 2
    raise AssertionError
