"""A procedure worker that SIGKILLs itself once at each activity: `before` it acts, or `after`, but before it said so.

python -m tests.kill.dying_worker before|after FOLDER       (EVAC_HOME says where Temporal is)

This process works at nothing: it has imported everything, and forks the next worker whenever the last has died.
"""

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from lab.program import die_with
from runbooks.steps import StepCall
from worker.build import procedure_worker
from worker.connect import connect
from worker.register import register_search_attributes
from worker.settings import Settings

DIED = "a worker was killed"


class Dying(Interceptor):
    """Puts the end into every activity."""

    def __init__(self, moment: str, folder: Path) -> None:
        """`folder` keeps what has been killed already."""
        self.moment = moment
        self.folder = folder

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """As Temporal asks."""
        return _Inbound(next, self)


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, dying: Dying) -> None:  # noqa: A002
        super().__init__(next)
        self._dying = dying

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        self._die("before", input)
        result = await super().execute_activity(input)
        self._die("after", input)
        return result

    def _die(self, moment: str, call: ExecuteActivityInput) -> None:
        if moment != self._dying.moment:
            return
        asked = call.args[0] if call.args else None
        name = activity.info().activity_type
        if isinstance(asked, StepCall) and not name.startswith("detect."):
            name = f"{asked.step}.check" if name.endswith(".check") else asked.step
        marker = self._dying.folder / name
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)


async def work(moment: str, folder: Path) -> None:
    """Work until killed."""
    settings = Settings()
    client = await connect(settings)
    await register_search_attributes(client)
    await procedure_worker(client, settings, [Dying(moment, folder)]).run()


def main(moment: str, folder: Path) -> None:
    """Keep one worker at work, and tell each death in a line; nothing has been started yet that a fork would break."""
    gc.freeze()
    nursery = os.getpid()
    while True:
        worker = os.fork()
        if not worker:
            die_with(nursery)
            asyncio.run(work(moment, folder))
            return
        _, status = os.waitpid(worker, 0)
        print(DIED if os.WIFSIGNALED(status) else f"ended with {status}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
