"""A model that is asked, by whichever technology: what it says must hold a text, and come soon enough."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from activities.observing import Sight


class Asked(Protocol):
    """The settings that say what is good."""

    @property
    def expect(self) -> str:
        """In any case of letters."""
        ...

    @property
    def samples(self) -> int: ...  # noqa: D102

    @property
    def p95(self) -> float:
        """So long may the slowest answer take."""
        ...


async def asked(settings: Asked, name: str, ask: Callable[[], Awaitable[tuple[str, str | None]]]) -> Sight:
    """Good when every sample holds the expected text, and the slowest is within `p95`.

    `ask` gives what was said, and what is wrong with it already. Raises StepError when there is no answer.
    """
    slowest = 0.0
    for number in range(1, settings.samples + 1):
        began = time.perf_counter()
        said, fault = await ask()
        slowest = max(slowest, time.perf_counter() - began)
        values: dict[str, Any] = {"answer": said[:200], "slowest": round(slowest, 3), "samples": number}
        if fault is None and settings.expect.casefold() not in said.casefold():
            fault = f"answers {said[:80]!r}, without {settings.expect!r} in it"
        if fault is not None:
            return Sight(good=False, reason=f"{name} {fault}.", values=values)
        if slowest > settings.p95:
            reason = f"{name} took {slowest:.2f} s to answer; {settings.p95:g} s are allowed."
            return Sight(good=False, reason=reason, values=values)
    return Sight(good=True, reason=f"The model answers rightly, at the slowest in {slowest:.2f} s.", values=values)
