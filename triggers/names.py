"""How the workflows of a runbook are called in Temporal."""

from typing import Final

RUNS: Final = frozenset({"failover", "switchover", "failback"})
"""The workflows that run a plan: one at a time for each runbook, all under `run_id_of` it."""
QUOTED_RUNS: Final = ", ".join(f"'{name}'" for name in sorted(RUNS))
"""As a visibility query lists them."""
WATCH: Final = "watch"
TRIGGER: Final = "trigger"
DECIDE: Final = "decide"
STOP: Final = "stop"
STATE: Final = "state"


def run_id_of(runbook: str) -> str:
    """The workflow id of the runbook's runs: one at a time."""
    return f"evac/{runbook}"


def watch_id_of(runbook: str) -> str:
    """The workflow id of the runbook's detector."""
    return f"evac/{runbook}/watch"
