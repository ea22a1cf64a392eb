"""How far a replica is behind, by a metric that a cloud keeps by the minute: what it says, and what follows from it."""

import math
import time
from collections.abc import Iterable

from activities.acting import View


class Lag(View):
    """What the metric says."""

    seconds: float | None = None
    """Of the newest value, if it is young enough; below nothing (replication is broken) is None too."""
    complete_until: float | None = None
    """The replica has every commit of its primary up to this moment: the best that follows from any value."""
    measured_at: float | None = None
    """Where the newest value's minute began."""
    teller: str = "CloudWatch"
    """Who keeps the metric."""

    def covers(self, moment: float | None) -> bool:
        """The cloud has told of this moment or a later one up to which nothing is missing; not of an unknown one."""
        return moment is not None and self.complete_until is not None and self.complete_until >= moment

    @property
    def said(self) -> str:
        """In words."""
        if self.seconds is not None:
            return f"{self.seconds:.1f} s behind"
        if self.measured_at is None:
            return f"behind by an amount that {self.teller} has not told for an hour"
        return f"behind by an unknown amount ({self.teller}'s last value is {time.time() - self.measured_at:.0f} s old)"


def moment_of_fence(at: float) -> int:
    """The moment of a fence as it is kept with what is fenced, in whole seconds: never one before the fence was up.

    What a replica is measured to have must be from after it. Rounded down, the last writes could pass as copied.
    """
    return math.ceil(at)


def lag_of(values: Iterable[tuple[float, float]], now: float, *, young: float, teller: str) -> Lag:
    """The lag by its values: where the minute of each began, and the most seconds that were seen in it.

    A value that is older than `young` seconds says nothing of now.
    """
    points = sorted(values)
    if not points:
        return Lag(teller=teller)
    at, newest = points[-1]
    complete = max((moment - behind for moment, behind in points if behind >= 0), default=None)
    known = now - at <= young and newest >= 0
    return Lag(seconds=newest if known else None, complete_until=complete, measured_at=at, teller=teller)
