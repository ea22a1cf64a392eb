"""Real records: what the recorded histories of `tests/histories` would have written."""

import base64
import json
from pathlib import Path
from typing import Any

from audit.record import write
from audit.seal import UNSEALED, Sealing
from runbooks.run_calls import RecordCall

HISTORIES = Path(__file__).parents[1] / "histories"
RECOVERED = "failover-recovered-by-hand"
"""Its run waited for a person at an approval and at a step."""


def recorded(name: str) -> tuple[RecordCall, str]:
    """What the run of that history asked to be recorded, and the history."""
    text = (HISTORIES / f"{name}.json").read_text()
    for event in json.loads(text)["events"]:
        asked: dict[str, Any] = event.get("activityTaskScheduledEventAttributes", {})
        if asked.get("activityType", {}).get("name") == "record":
            data = base64.b64decode(asked["input"]["payloads"][0]["data"])
            return RecordCall.model_validate_json(data), text
    raise LookupError(name)


def bundle(folder: Path, name: str = RECOVERED, sealing: Sealing = UNSEALED, **changes: Any) -> Path:
    """The record of that run. In the recorded tests somebody asked in 1970: here it was a moment before."""
    call, history = recorded(name)
    began = call.state.started_at
    decisions = tuple(
        one.model_copy(update={"decision": one.decision.model_copy(update={"at": began + 1.0 + number})})
        for number, one in enumerate(call.state.decisions)
    )
    triggers = tuple(one.model_copy(update={"at": began - 1.5}) for one in call.state.triggers)
    asked = {"triggered_at": began - 1.5, "decisions": decisions, "triggers": triggers, **changes}
    return write(folder, call.state.model_copy(update=asked), call.text or "evac: 1\n", history, sealing)
