"""Everything that Evac does now, or did last of one name. What cannot be read must not hide the rest."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from runbooks.alerts import AlertsState
from runbooks.controls import KillSwitch
from runbooks.models import Procedure
from runbooks.runs import RunState
from runbooks.timetable import ScheduleState, outdated
from runbooks.watches import WatchState
from triggers import names
from triggers.composite import STATES
from triggers.controls import KILL_SWITCH, kill_switch_state
from triggers.errors import NoAnswerError, RunFailedError
from triggers.look import Execution, ask, executions, newest, result_of
from triggers.schedules import schedules
from worker.settings import Settings

OTHERS = ", ".join(f"'{kind}'" for kind in STATES)
_WHILE_OPEN = frozenset({names.WATCH, names.ALERTS})
"""What they saw once says nothing of now."""
Silence = NoAnswerError | RunFailedError | RPCError
"""Why the state of something cannot be told."""


@dataclass(frozen=True)
class Seen:
    """One workflow, with its state or why that cannot be told."""

    execution: Execution
    state: Any

    @property
    def subject(self) -> str:
        """The runbook, or the region of an evacuation."""
        _, first, *rest = self.execution.workflow_id.split("/")
        return rest[-1] if self.execution.kind == Procedure.EVACUATE and rest else first


@dataclass(frozen=True)
class Overview:
    """What there is, newest first in each list."""

    runs: list[Seen]
    others: list[Seen]
    detectors: list[Seen]
    switches: list[KillSwitch]
    schedules: list[ScheduleState]
    alerts: list[Seen] = field(default_factory=list)
    """What weighs alerts, where any stands, or where that cannot be told."""

    def outdated(self, schedule: ScheduleState) -> bool:
        """A run, or another schedule, of a newer text of its runbook is known."""
        states = [one.state for one in self.runs if one.subject == schedule.runbook]
        runs = [(s.started_at, s.plan.runbook_checksum) for s in states if isinstance(s, RunState) and s.plan]
        others = [(one.made_at, one.checksum) for one in self.schedules if one.runbook == schedule.runbook]
        return bool(schedule.checksum) and outdated(schedule, [*runs, *others])


async def everything(client: Client, settings: Settings) -> Overview:
    """All that goes on now."""
    kinds = f"WorkflowType IN ({names.QUOTED_RUNS}, {OTHERS}, '{names.WATCH}', '{names.ALERTS}', '{KILL_SWITCH}')"
    found = await executions(client, f"{kinds} AND ExecutionStatus = 'Running'")
    seen = await asyncio.gather(*(seen_of(client, settings, one) for one in found if one.kind != KILL_SWITCH))
    return Overview(
        runs=[one for one in seen if one.execution.kind in names.RUNS],
        others=[one for one in seen if one.execution.kind in STATES],
        detectors=[one for one in seen if one.execution.kind == names.WATCH],
        switches=list(await _switches(client, found)),
        schedules=await schedules(client),
        alerts=_standing(seen),
    )


async def engaged_switches(client: Client, runbooks: Iterable[str] = ()) -> tuple[KillSwitch, ...]:
    """Every kill switch that is engaged; those of these runbooks without the lag of a listing."""
    found = await executions(client, f"WorkflowType = '{KILL_SWITCH}' AND ExecutionStatus = 'Running'")
    return await _switches(client, found, runbooks)


async def _switches(client: Client, found: list[Execution], runbooks: Iterable[str] = ()) -> tuple[KillSwitch, ...]:
    """The one of all runbooks is asked for by its id, too: a listing lags behind."""
    scopes = {one.workflow_id.removeprefix("evac/kill-switch").strip("/") for one in found if one.kind == KILL_SWITCH}
    asked = sorted({"", *scopes, *runbooks})
    switches = await asyncio.gather(*(kill_switch_state(client, scope) for scope in asked))
    return tuple({switch.scope: switch for some in switches for switch in some}.values())


async def of_name(client: Client, settings: Settings, name: str) -> Overview:
    """The newest of everything that the runbook (or the region, for an evacuation) has, going or ended."""
    composites = [Procedure.DRILL, Procedure.READINESS, Procedure.RESTORE_TEST]
    ids = [names.run_id_of(name), names.watch_id_of(name), names.alerts_id_of(name), names.evacuation_id_of(name)]
    ids += [names.composite_id_of(name, procedure) for procedure in composites]
    known = await asyncio.gather(*(newest(client, workflow_id) for workflow_id in ids))
    found = [one for one in known if one is not None and (one.open or one.kind not in _WHILE_OPEN)]
    seen = await asyncio.gather(*(seen_of(client, settings, one) for one in found))
    return Overview(
        runs=[one for one in seen if one.execution.kind in names.RUNS],
        others=[one for one in seen if one.execution.kind in STATES],
        detectors=[one for one in seen if one.execution.kind == names.WATCH],
        switches=list(await kill_switch_state(client, name)),
        schedules=await schedules(client, name),
        alerts=_standing(seen),
    )


def _standing(seen: Iterable[Seen]) -> list[Seen]:
    """An ended alert is remembered for a while, which is nothing to tell."""
    found = (one for one in seen if one.execution.kind == names.ALERTS)
    return [one for one in found if not isinstance(one.state, AlertsState) or one.state.standing]


async def seen_of(client: Client, settings: Settings, execution: Execution) -> Seen:
    """The execution with its state. Ended ones are read from their result, so that needs no worker."""
    if execution.status == "continued-as-new":
        return Seen(execution, RunFailedError("it went on as the next run"))
    kind = _state_of(execution.kind)
    handle = client.get_workflow_handle(execution.workflow_id, run_id=execution.run_id, result_type=kind)
    try:
        state = await ask(client, settings, handle, kind) if execution.open else await result_of(handle)
    except (NoAnswerError, RunFailedError, RPCError) as error:
        return Seen(execution, error)
    return Seen(execution, state)


def _state_of(kind: str) -> Any:  # noqa: ANN401 - the model of its state
    if kind in STATES:
        return STATES[kind]
    return {names.WATCH: WatchState, names.ALERTS: AlertsState}.get(kind, RunState)
