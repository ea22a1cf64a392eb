"""What Terraform tells with `-json`: one event a line.

https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Diagnostic:
    """One error, in Terraform's words."""

    summary: str
    detail: str = ""
    address: str = ""

    def __str__(self) -> str:
        where = f"{self.address}: " if self.address else ""
        return f"{where}{self.summary}" + (f": {self.detail}" if self.detail else "")


@dataclass
class Events:
    """The events so far: how far an apply is, and what went wrong."""

    total: int = 0
    """How many resources the plan changes."""
    going: dict[str, float] = field(default_factory=dict)
    """What is being changed now, and for how many seconds; what was begun first comes first."""
    done: dict[str, float] = field(default_factory=dict)
    """Seconds that each resource took."""
    failed: list[str] = field(default_factory=list)
    errors: list[Diagnostic] = field(default_factory=list)
    text: str = ""
    """How far it is, in words: `3 of 7: aws_autoscaling_group.llm (12 s)`."""

    def line(self, line: str) -> None:
        """Take one line; what is no event (`init` has some) tells nothing."""
        event = _parsed(line)
        kind, hook = event.get("type"), event.get("hook") or {}
        address = str((hook.get("resource") or {}).get("addr", ""))
        seconds = float(hook.get("elapsed_seconds") or 0)
        if hook.get("action") == "read":
            return  # a data source is looked at, and nothing is changed
        if kind == "apply_start":
            self.going[address] = 0.0
            self._say()
        elif kind == "apply_progress":
            self.going[address] = seconds
            self._say()
        elif kind == "apply_complete":
            self.going.pop(address, None)
            self.done[address] = self.done.get(address, 0.0) + seconds  # a replacement is two acts
            self._say()
        elif kind == "apply_errored":
            self.going.pop(address, None)
            self.failed.append(address)
        elif kind == "diagnostic":
            self._diagnose(event.get("diagnostic") or {})

    def _say(self) -> None:
        """What goes on for the longest is what is waited for."""
        over = len(self.done.keys() - self.going.keys())
        if not self.going:
            self.text = f"{over} of {max(self.total, over)} done"
            return
        address, seconds = next(iter(self.going.items()))
        self.text = f"{over + 1} of {max(self.total, over + 1)}: {address} ({seconds:.0f} s)"

    def _diagnose(self, told: dict[str, Any]) -> None:
        if told.get("severity") == "error":
            told = {key: str(told.get(key) or "") for key in ("summary", "detail", "address")}
            self.errors.append(Diagnostic(**told))


def errors_in(output: str) -> list[Diagnostic]:
    """The errors of a command's whole output."""
    events = Events()
    for line in output.splitlines():
        events.line(line)
    return events.errors


def _parsed(line: str) -> dict[str, Any]:
    if not line.startswith("{"):
        return {}
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
