"""The failover as a later release might have it: it asks one activity more before it looks at anything."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.runs import RunInput, RunState
    from workflows.failover import Failover


@workflow.defn(name="failover")
class Changed(Failover):
    """Asks for the weather first."""

    @workflow.init
    def __init__(self, request: RunInput) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: RunInput) -> RunState:
        """Carry the system out of `source`."""
        await workflow.execute_activity("weather", summary="Ask for the weather", start_to_close_timeout=timedelta(1))
        return await super().run(request)


@workflow.defn(name="failover")
class Broken(Failover):
    """Fails at once."""

    @workflow.init
    def __init__(self, request: RunInput) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: RunInput) -> RunState:
        """Fail."""
        raise ValueError(request.source)
