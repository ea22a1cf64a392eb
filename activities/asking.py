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
