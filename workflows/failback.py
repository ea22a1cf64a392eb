"""Failback: the former primary is rebuilt as a standby, proved equal, and everything moves home to it."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.runs import RunInput, RunState
    from workflows.run import PlanRun


@workflow.defn(name="failback")
class Failback(PlanRun):
    """`source` serves now, `target` is home."""

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
