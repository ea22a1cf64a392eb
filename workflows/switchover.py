"""Switchover: the source is alive: writes stop, the standby gets everything, and takes over. Nothing is lost."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.runs import RunInput, RunState
    from workflows.run import PlanRun


@workflow.defn(name="switchover")
class Switchover(PlanRun):
    """The source is alive and serves; everything moves to a standby that has everything."""

    @workflow.init
    def __init__(self, request: RunInput) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: RunInput) -> RunState:
        """Move the system out of `source`, to `target`."""
        del request
        return await self._run_to_its_end()

    async def _premise(self) -> None:
        """Nothing is presumed: the plan refuses itself when the source cannot be seen."""
