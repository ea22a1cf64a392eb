"""The kill switch: while it runs, no run goes on past its next step that cannot be undone, and no detector starts one.

That it runs is what counts, so engaging it needs no worker; releasing it does.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.controls import KillSwitch, KillSwitchState, Release, engaged_sentence


@workflow.defn(name="kill-switch")
class KillSwitchRun:
    """Workflow id `evac/kill-switch` (all runbooks) or `evac/kill-switch/<runbook>`."""

    @workflow.init
    def __init__(self, switch: KillSwitch) -> None:
        self._switch = switch
        self._released: Release | None = None

    @workflow.run
    async def run(self, switch: KillSwitch) -> KillSwitchState:
        """Stay engaged until released."""
        workflow.set_current_details(engaged_sentence(switch))
        await workflow.wait_condition(lambda: self._released is not None)
        return self.state()

    @workflow.signal
    def release(self, release: Release) -> None:
        """Let things go on. The first release counts."""
        if self._released is None:
            self._released = release

    @workflow.query
    def state(self) -> KillSwitchState:
        """Who engaged it, and who released it."""
        return KillSwitchState(engaged=self._switch, released=self._released)
