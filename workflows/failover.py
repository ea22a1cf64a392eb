"""Failover: the source is presumed dead. Confirm, observe, plan, ask, carry out, verify, record."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.runs import Outcome, RunInput, RunState
    from workflows.confirm import agreed, as_seen, confirmed_already, first_bad, look
    from workflows.ending import Ended
    from workflows.run import PlanRun


@workflow.defn(name="failover")
class Failover(PlanRun):
    """The source is dead, or as good as dead, as seen from several vantage points."""

    @workflow.init
    def __init__(self, request: RunInput) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: RunInput) -> RunState:
        """Carry the system out of `source`."""
        del request
        return await self._run_to_its_end()

    async def _premise(self) -> None:
        if self._in.force:
            self.tell(f"The fault is taken on {self._in.trigger.by}'s word")
            return
        if not confirmed_already(self._in, workflow.time()):
            self._verdicts = await look(self._in.runbook, self._in.source)
            self._fault_at = first_bad(self._verdicts, self._in.source)
        down_for = len(agreed(self._in.runbook, self._verdicts, self._in.source))
        needed = self._in.runbook.quorum_for(self._in.source)
        seen = as_seen(self._verdicts, self._in.source)
        if down_for < needed:
            message = (
                f"{self._in.source} is not confirmed down: {down_for} of the {needed} vantage points needed say so "
                f"({seen}). If you know better, ask again with --force"
            )
            raise Ended(Outcome.REFUSED, message)
        self.tell(f"{self._in.source} is down as seen from {down_for} vantage points ({seen})")
