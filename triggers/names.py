"""How the workflows of a runbook are called in Temporal."""

from typing import Final

FAILOVER: Final = "failover"
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
