"""Engaging, releasing and reading the kill switch."""

import asyncio
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.clients import executions
from runbooks.controls import KillSwitch, KillSwitchState, Release, engaged_sentence, kill_switch_id
from triggers.errors import NoSuchRunError
from worker.settings import Settings

KILL_SWITCH = "kill-switch"
_RELEASE = "release"
_RPC = timedelta(seconds=10)
_SUMMARY_BYTES = 200


async def engage_kill_switch(client: Client, settings: Settings, switch: KillSwitch) -> bool:
    """Engage it; False when it is engaged already. It counts at once, whether a worker runs or not."""
    summary = engaged_sentence(switch).encode()[:_SUMMARY_BYTES].decode(errors="ignore")
    try:
        await client.start_workflow(
            KILL_SWITCH,
            switch,
            id=kill_switch_id(switch.scope),
            task_queue=settings.task_queue,
            result_type=KillSwitchState,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=summary,
            rpc_timeout=_RPC,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def release_kill_switch(client: Client, release: Release, scope: str = "", patience: float = 5.0) -> bool:
    """Release it; False when it is released as soon as a worker runs. Raises NoSuchRunError when none is engaged."""
    handle = client.get_workflow_handle(kill_switch_id(scope), result_type=KillSwitchState)
    try:
        await handle.signal(_RELEASE, release, rpc_timeout=_RPC)
    except RPCError as fault:
        if fault.status is not RPCStatusCode.NOT_FOUND:
            raise
        message = f"the kill switch of {scope or 'every runbook'} is not engaged: nothing to release"
        raise NoSuchRunError(message) from None
    try:
        async with asyncio.timeout(patience):
            await handle.result()
    except TimeoutError:
        return False
    return True


async def kill_switch_state(client: Client, runbook: str = "") -> tuple[KillSwitch, ...]:
    """The engaged switches that stop the runbook: the one of all, and its own. Needs no worker."""
    engaged = []
    for scope in dict.fromkeys(("", runbook)):
        info = await executions.newest(client, kill_switch_id(scope))
        if info is not None and executions.is_open(info):
            switch = await executions.input_of(client, info, KillSwitch)
            engaged.append(switch or KillSwitch(by="somebody unknown", reason="", at=0.0, scope=scope))
    return tuple(engaged)
