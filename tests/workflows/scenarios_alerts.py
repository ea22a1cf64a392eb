"""One scenario for each way in which a runbook's alerts can come to an end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio.client import WorkflowHandle

from runbooks.alerts import AlertSignal, AlertsInput, AlertsState
from runbooks.runs import DecisionKind, Phase
from tests.workflows.conftest import Stage, say
from tests.workflows.scenarios import reached
from tests.workflows.test_alerts import alert, book, last, run_of, until
from tests.workflows.world import SOURCE
from workflows.failover import Failover

Scenario = Callable[[Stage], Awaitable[WorkflowHandle[Any, Any]]]
Handle = WorkflowHandle[Any, AlertsState]


async def begun(stage: Stage, *rules: dict[str, Any], **changes: Any) -> Handle:
    """An alert fires; half a second after the last one it is over."""
    listening = book(stage, *rules, **changes)
    return await stage.client.start_workflow(
        "alerts",
        AlertsInput(runbook=listening, lingers=0.5),
        id=f"evac/{listening.name}/alerts",
        task_queue=stage.queue,
        start_signal="hear",
        start_signal_args=[AlertSignal(alerts=(alert(),))],
        result_type=AlertsState,
    )


async def over(handle: Handle) -> Handle:
    """The alert is resolved."""
    await handle.signal("hear", AlertSignal(alerts=(alert("resolved"),)))
    return handle


async def started(stage: Stage) -> Handle:
    """A proposal that is approved, after the dwell; then the alert is over."""
    handle = await begun(stage, {"for": "300ms"})
    await until(handle, last("started"))
    run = run_of(stage.client, book(stage))
    waiting = await reached(run, Phase.AWAITING_APPROVAL)
    await run.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=waiting.checksum))
    await run.result()
    return await over(handle)


async def stopped(stage: Stage) -> Handle:
    """It is over before anybody has approved, and its run is stopped."""
    handle = await begun(stage, {"on_resolved": "stop"})
    await until(handle, last("started"))
    await reached(run_of(stage.client, book(stage)), Phase.AWAITING_APPROVAL)
    return await over(handle)


async def vetoed(stage: Stage) -> Handle:
    """The vantage points see the region healthy; people are told."""
    stage.world.dead = set()
    handle = await begun(stage, notify=[{"uses": "notify.log"}])
    await until(handle, last("vetoed"))
    return await over(handle)


async def joined(stage: Stage) -> Handle:
    """A proposal, which a second endpoint makes run unasked."""
    handle = await begun(stage, {}, {"needs": 2, "mode": "automatic"})
    await until(handle, last("started"))
    await reached(run_of(stage.client, book(stage)), Phase.AWAITING_APPROVAL)
    await handle.signal("hear", AlertSignal(alerts=(alert(name="other"),)))
    await until(handle, last("joined"))
    await run_of(stage.client, book(stage)).result()
    await handle.signal("hear", AlertSignal(alerts=(alert("resolved", name="other"),)))
    return await over(handle)


async def gone_on(stage: Stage) -> Handle:
    """A newer text of the runbook comes with the end of the alert: it goes on as another leg."""
    handle = await begun(stage, {"needs": 3})
    await until(handle, last("nothing"))
    signal = AlertSignal(alerts=(alert("resolved"),), runbook=book(stage, {"needs": 2}), text="newer")
    await handle.signal("hear", signal)
    current = stage.client.get_workflow_handle(handle.id)
    while (await current.query("state", result_type=AlertsState)).standing:
        await asyncio.sleep(0.05)
    return handle


async def asked_again(stage: Stage) -> Handle:
    """Nobody answers the proposal, so it is made again; then the alert is over."""
    soon = {"failover": {"approval": {"count": 1, "timeout": "1s"}}}
    listening = book(stage, policy=soon)
    handle = await stage.client.start_workflow(
        "alerts",
        AlertsInput(runbook=listening, lingers=0.5, patience=0.5),
        id=f"evac/{listening.name}/alerts",
        task_queue=stage.queue,
        start_signal="hear",
        start_signal_args=[AlertSignal(alerts=(alert(),))],
        result_type=AlertsState,
    )
    await until(handle, lambda state: bool(state.begun) and state.begun[SOURCE].asked > 1)
    return await over(handle)


ALERT_SCENARIOS: dict[str, Scenario] = {
    "alerts-started": started,
    "alerts-stopped": stopped,
    "alerts-vetoed": vetoed,
    "alerts-joined": joined,
    "alerts-gone-on": gone_on,
    "alerts-asked-again": asked_again,
}
