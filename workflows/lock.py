"""A lock on what several runbooks share: held by the run whose child this is, and never longer than that run lives."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.controls import LockInput, LockState


@workflow.defn(name="lock")
class Lock:
    """Workflow id `evac/lock/<name>`: Temporal itself lets only one of that id run."""

    @workflow.init
    def __init__(self, taken: LockInput) -> None:
        self._taken = taken
        self._released_at: float | None = None

    @workflow.run
    async def run(self, taken: LockInput) -> LockState:
        """Hold it until it is released; Temporal terminates it together with its parent."""
        workflow.set_current_details(f"{taken.name} is held by {taken.holder.what}")
        await workflow.wait_condition(lambda: self._released_at is not None)
        return self.holder()

    @workflow.signal
    def release(self) -> None:
        """The holder has done with it."""
        if self._released_at is None:
            self._released_at = workflow.time()

    @workflow.query
    def holder(self) -> LockState:
        """Who holds it."""
        return LockState(name=self._taken.name, holder=self._taken.holder, released_at=self._released_at)
