"""One attempt of an activity, which can be killed: its heartbeats outlive it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities.catalog import CATALOG, activities
from runbooks.steps import StepResult
from tests.activities.calls import call


class Attempt:
    """Of that technology, with the heartbeat of the attempt before."""

    def __init__(self, uses: str, settings: dict[str, Any], details: tuple[Any, ...] = ()) -> None:
        self.details = details
        self._environment = ActivityEnvironment()
        self._environment.on_heartbeat = self._beaten
        self._environment.info = replace(
            self._environment.info,
            start_to_close_timeout=timedelta(seconds=20),
            heartbeat_timeout=timedelta(seconds=1),
            heartbeat_details=details,
        )
        self._uses, self._settings = uses, settings

    @property
    def text(self) -> str:
        """What people read of it."""
        return str(self.details[0]) if self.details else ""

    def cancel(self, details: ActivityCancellationDetails) -> None:
        """As Temporal would."""
        self._environment.cancel(details)

    def _beaten(self, *details: Any) -> None:
        self.details = details

    async def run(self, home: Path) -> StepResult:
        """The registered activity."""
        names = [name for row in CATALOG.values() for name in row.names]
        activity = dict(zip(names, activities(home), strict=True))[self._uses]
        result = await self._environment.run(activity, call(self._uses, self._settings))
        assert isinstance(result, StepResult)
        return result

    async def killed_when(self, moment: Callable[[], bool], home: Path) -> None:
        """It runs until that moment, and is killed then."""
        running = asyncio.create_task(self.run(home))
        async with asyncio.timeout(20):
            while not moment():
                await asyncio.sleep(0.005)
        running.cancel()
        await asyncio.wait({running})
