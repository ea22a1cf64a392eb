"""A command line in front of the real composite workflows, whose runs do as told."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from runbooks.drills import DrillPhase, DrillState
from runbooks.models import Procedure
from runbooks.runs import Outcome
from tests.triggers.conftest import Door, Ran
from tests.workflows.composite_stage import Composites, staged, until
from tests.workflows.fake_runs import Script
from tests.workflows.world import World
from triggers.names import composite_id_of

WRONG = Script(outcome=Outcome.REFUSED, message="the standby cannot be seen")


@dataclass
class Booth:
    """A command line in front of runs that do as told."""

    door: Door
    stage: Composites

    async def evac(self, *arguments: str, **environment: str) -> Ran:
        """Run `evac` to its end."""
        return await self.door.evac(*arguments, **environment)

    def file(self, **changes: Any) -> str:
        """The runbook's file."""
        return self.door.file(**changes)

    async def drilling(self, phase: DrillPhase) -> DrillState:
        """The drill, as soon as it is there."""
        handle = self.stage.client.get_workflow_handle(composite_id_of(self.door.name, Procedure.DRILL))
        return await until(handle, DrillState, lambda state: state.phase is phase)


@asynccontextmanager
async def opened(temporal: str, tmp_path: Path) -> AsyncIterator[Booth]:
    """Workers with the real composite workflows."""
    client = await Client.connect(temporal, data_converter=pydantic_data_converter)
    home = tmp_path / "booth"
    home.mkdir()
    async with staged(client, home / "state") as stage:
        door = Door(client, home, stage.settings.task_queue, stage.name, World(), temporal, AsyncExitStack())
        try:
            yield Booth(door, stage)
        finally:
            await door.close()
