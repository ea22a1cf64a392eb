"""How the workflows of a runbook are called in Temporal."""

from typing import Final

from runbooks.models import Procedure

RUNS: Final = frozenset({"failover", "switchover", "failback", "drill-rehearsal"})
"""The workflows that run a plan: one at a time for each runbook, all under `run_id_of` it."""
QUOTED_RUNS: Final = ", ".join(f"'{name}'" for name in sorted(RUNS))
"""As a visibility query lists them."""
WATCH: Final = "watch"
ALERTS: Final = "alerts"
HEAR: Final = "hear"
TRIGGER: Final = "trigger"
DECIDE: Final = "decide"
STOP: Final = "stop"
STATE: Final = "state"
GO_ON: Final = "go-on"
SCHEDULED: Final = "scheduled"

_PARTS = 4
"""Of a schedule's id: evac/<runbook>/<procedure>/schedule."""


def run_id_of(runbook: str) -> str:
    """The workflow id of the runbook's runs: one at a time."""
    return f"evac/{runbook}"


def watch_id_of(runbook: str) -> str:
    """The workflow id of the runbook's detector."""
    return f"evac/{runbook}/watch"


def alerts_id_of(runbook: str) -> str:
    """The workflow id of what weighs the runbook's alerts."""
    return f"evac/{runbook}/alerts"


def composite_id_of(runbook: str, procedure: Procedure) -> str:
    """The workflow id of the runbook's drill, readiness report or restore test."""
    return f"evac/{runbook}/{procedure}"


def evacuation_id_of(region: str) -> str:
    """The workflow id of the region's evacuation."""
    return f"evac/evacuate/{region}"


def schedule_id_of(runbook: str, procedure: Procedure) -> str:
    """The id of the schedule of that procedure."""
    return f"{composite_id_of(runbook, procedure)}/schedule"


def is_schedule(name: str) -> bool:
    """It is one of ours: others may use the same namespace."""
    parts = name.split("/")
    return len(parts) == _PARTS and (parts[0], parts[3]) == ("evac", "schedule") and parts[2] in set(Procedure)


def of_schedule(name: str) -> tuple[str, Procedure]:
    """The runbook and the procedure of a schedule of ours."""
    _, runbook, procedure, _ = name.split("/")
    return runbook, Procedure(procedure)
