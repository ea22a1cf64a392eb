"""A run that does nothing but hold locks: it tells what it waits for, and takes them anew as its own successor."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.locks import acquire, release


@workflow.defn(name="holding")
class Holding:
    """Takes the locks, holds them until told to end, and gives them back."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.held: tuple[str, ...] = ()
        self.lost: tuple[str, ...] = ()
        self._end = self._stop = self._anew = False

    @workflow.run
    async def run(self, names: list[str]) -> list[str]:
        """What it was told while it waited."""
        held = await acquire(names, workflow.info().workflow_id, self.told.append, lambda: self._stop)
        if held is None:
            return [*self.told, "told to stop"]
        self.held = tuple(lock.name for lock in held)
        await workflow.wait_condition(
            lambda: self._end or self._anew or any(lock.lost for lock in held),
        )
        if self._anew:
            workflow.continue_as_new(names)
        self.lost = tuple(lock.name for lock in held if lock.lost)
        await workflow.wait_condition(lambda: self._end)
        await release(held)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.told

    @workflow.signal
    def say(self, what: str) -> None:
        """`end`, `stop` or `anew`."""
        self._end = self._end or what == "end"
        self._stop = self._stop or what == "stop"
        self._anew = self._anew or what == "anew"

    @workflow.query
    def state(self) -> list[list[str]]:
        """The locks held, those lost, and what was told."""
        return [list(self.held), list(self.lost), self.told]
