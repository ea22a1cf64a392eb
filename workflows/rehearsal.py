"""Rehearsal: copies of the standbys are promoted aside, checked and removed; traffic and writers are not touched."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.runs import Outcome, RunInput, RunState
    from workflows.run import PlanRun


@workflow.defn(name="drill-rehearsal")
class Rehearsal(PlanRun):
    """The one run of an isolated drill: a plan of the procedure `drill`."""

    @workflow.init
    def __init__(self, request: RunInput) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: RunInput) -> RunState:
        """Rehearse moving the system out of `source`, on copies."""
        del request
        return await self._run_to_its_end()

    async def _premise(self) -> None:
        """Nothing is presumed: the system serves, and goes on serving."""

    def _end(self, outcome: Outcome, message: str) -> None:
        if outcome == Outcome.COMPLETED:
            message = f"The move of {self._in.runbook.name} out of {self._in.source} was rehearsed; nothing was moved"
        super()._end(outcome, message)
