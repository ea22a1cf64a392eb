"""A run's record: a folder that can be read with no server.

| file          | what it holds                                                                       |
|---------------|-------------------------------------------------------------------------------------|
| runbook.yaml  | the runbook as it was read                                                          |
| plan.json     | the plan that ran                                                                   |
| state.json    | the run as it ended: steps with evidence, triggers, decisions, verdicts             |
| journal.jsonl | its story, one sentence a line, hash-chained                                        |
| history.json  | Temporal's history up to the writing of this record                                 |
| manifest.json | each file's SHA-256, and the journal's last hash                                    |
"""

from pathlib import Path

from audit.folder import keep, named
from runbooks.runs import RunState


def write(folder: Path, state: RunState, text: str, history: str | None) -> Path:
    """Write the record below `folder`, whole or not at all. Writing it again changes nothing. Raises OSError."""
    files = {
        "runbook.yaml": text,
        "plan.json": state.plan.model_dump_json(indent=2) if state.plan else None,
        "state.json": state.model_dump_json(indent=2),
        "history.json": history,
    }
    final = folder / state.runbook / named(state.started_at, state.procedure, state.run)
    return keep(final, files, state.events)
