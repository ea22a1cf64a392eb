"""Asking a `detect` technology in this process: silence and errors are readings too."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from temporalio.exceptions import ApplicationError

from activities.catalog import CATALOG
from runbooks.steps import Reading, StepCall, StepResult


class Detector(Protocol):
    """What is needed of a `detect` technology."""

    async def run(self, call: StepCall) -> StepResult:
        """Look once; the answer holds a reading."""
        ...


Detectors = Callable[[str], Detector]
"""Gives the technology that a call `uses`."""


def detectors_in(home: Path) -> Detectors:
    """The catalog's detectors, with this worker's folder."""
    return lambda uses: CATALOG[uses].technology(home)


async def ask(detectors: Detectors, call: StepCall) -> Reading:
    """The reading; `unknown`, with the reason, when the technology could not look."""
    try:
        result = await detectors(call.uses).run(call)
    except ApplicationError as error:
        return Reading(
            resource=call.resource,
            region=call.region,
            state="unknown",
            reason=error.message,
            observed_at=time.time(),
        )
    assert result.reading is not None, f"{call.uses} must answer with a reading"
    return result.reading


async def ask_twice(detectors: Detectors, call: StepCall) -> Reading:
    """The same for a program that has just started: who is not healthy is asked once more, and that answer counts.

    The first questions of a process pay for its clients (imports, service models, certificates) within their own
    bounds, so on a busy or cold machine all that is asked at once may look silent, and a plan would refuse itself.
    A worker has no need of it: its detectors want several bad rounds in a row.
    """
    first = await ask(detectors, call)
    return first if first.state == "healthy" else await ask(detectors, call)
