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

import hashlib
import json
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from audit.chain import chain
from runbooks.runs import RunState


def write(folder: Path, state: RunState, text: str, history: str | None) -> Path:
    """Write the record below `folder`, whole or not at all. Writing it again changes nothing. Raises OSError."""
    started = datetime.fromtimestamp(state.started_at, tz=UTC).strftime("%Y%m%dT%H%M%SZ")
    final = folder / state.runbook / f"{started}-{state.procedure}-{state.run[:8]}"
    if final.exists():
        return final
    final.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=final.parent))
    try:
        _fill(new, state, text, history)
        new.replace(final)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        if final.exists():  # another attempt was quicker
            return final
        raise
    return final


def _fill(folder: Path, state: RunState, text: str, history: str | None) -> None:
    entries = chain(event.model_dump(mode="json") for event in state.events)
    files = {
        "runbook.yaml": text,
        "plan.json": state.plan.model_dump_json(indent=2) if state.plan else None,
        "state.json": state.model_dump_json(indent=2),
        "journal.jsonl": "".join(f"{entry.model_dump_json()}\n" for entry in entries),
        "history.json": history,
    }
    digests: dict[str, str] = {}
    for name, content in files.items():
        if content:
            (folder / name).write_text(content, encoding="utf-8")
            digests[name] = hashlib.sha256(content.encode()).hexdigest()
    head = entries[-1].hash if entries else None
    manifest = json.dumps({"files": digests, "journal_head": head}, indent=2)
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
