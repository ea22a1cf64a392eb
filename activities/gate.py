"""What stands against a run, or against its next step that cannot be undone: the kill switch, the last run, locks."""

from temporalio import activity
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.client import Client, WorkflowFailureError

from activities.clients import executions
from runbooks.controls import (
    Holder,
    HolderAnswer,
    HolderCall,
    KillSwitch,
    LockInput,
    engaged_sentence,
    kill_switch_id,
    lock_id,
)
from runbooks.run_calls import GateAnswer, GateCall
from runbooks.runs import Phase, RunState, Status

_BEFORE_ANY_STEP = frozenset({"", Phase.CONFIRMING, Phase.OBSERVING, Phase.PLANNING, Phase.AWAITING_APPROVAL})
"""Where a run was that was terminated before it could change anything; empty: no worker ever took it up."""


class Gate:
    """Asks Temporal itself, so that no answer needs a worker of the workflow that it is about."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn(name="gate")
    async def gate(self, call: GateCall) -> GateAnswer:
        """The kill switch, and how the runbook's last run before the asking one ended."""
        last = await self._last_run(call) if call.past else None
        return GateAnswer(
            kill_switch=await self._kill_switch(call.runbook),
            last_ended_at=None if last is None else last.close_time.ToMilliseconds() / 1000,
            last_changed=last is not None and await self._changed(last),
        )

    @activity.defn(name="lock-holder")
    async def holder(self, call: HolderCall) -> HolderAnswer:
        """Who holds the lock now."""
        info = await executions.newest(self._client, lock_id(call.name))
        if info is None or not executions.is_open(info):
            return HolderAnswer()
        asked = await executions.input_of(self._client, info, LockInput)
        unknown = Holder(workflow_id="", run_id="", what="somebody unknown", at=info.start_time.ToMilliseconds() / 1000)
        return HolderAnswer(holder=asked.holder if asked else unknown)

    async def _kill_switch(self, runbook: str) -> str | None:
        for scope in ("", runbook):
            info = await executions.newest(self._client, kill_switch_id(scope))
            if info is None or not executions.is_open(info):
                continue
            switch = await executions.input_of(self._client, info, KillSwitch)
            return engaged_sentence(switch or KillSwitch(by="somebody unknown", reason="", at=0.0, scope=scope))
        return None

    async def _last_run(self, call: GateCall) -> WorkflowExecutionInfo | None:
        """Those that went on as another execution have not ended, and are a part of the asking run, perhaps."""
        workflow_id = f"evac/{call.runbook}"
        newest = await executions.newest(self._client, workflow_id)
        if newest is None:
            return None
        if not executions.is_open(newest) and newest.execution.run_id != call.run_id:
            return newest  # exact, where the listing below may lag behind
        listed = await executions.ended(self._client, workflow_id)
        past = [i for i in listed if i.execution.run_id != call.run_id and not executions.is_continued(i)]
        return max(past, key=lambda info: info.close_time.ToNanoseconds(), default=None)

    async def _changed(self, info: WorkflowExecutionInfo) -> bool:
        """It had begun a step that did not turn out to be done already. Without a result, its last phase tells."""
        handle = self._client.get_workflow_handle(
            info.execution.workflow_id, run_id=info.execution.run_id, result_type=RunState
        )
        try:
            state = await handle.result(follow_runs=False, rpc_timeout=executions.RPC)
        except (WorkflowFailureError, ValueError):
            return executions.attribute(info, "EvacPhase") not in _BEFORE_ANY_STEP
        return any(step.started_at is not None and step.status is not Status.UNCHANGED for step in state.steps)
