"""A run's record: a folder that can be read with no server.

| file           | what it holds                                                                          |
|----------------|----------------------------------------------------------------------------------------|
| runbook.yaml   | the runbook as it was read                                                             |
| plan.json      | the plan that ran                                                                      |
| state.json     | the run as it ended: steps with evidence, triggers, decisions, verdicts                |
| measures.json  | what was promised and what was measured: recovery time, losses, what did not run       |
| journal.jsonl  | its story, hash-chained: sentences, triggers, decisions and refusals, every activity   |
|                | with its tries and its error, digests of readings and evidence, versions               |
| history.json   | Temporal's history up to the writing of this record                                    |
| signer.pem     | the public key of who signed it, when there is a key                                   |
| manifest.json  | each file's SHA-256, and the journal's last hash                                       |
| signature.json | a DSSE envelope over the manifest and all digests, when there is a key                 |

Records of the first release have no measures, no signature, and only sentences in their journal.
"""

import time
from pathlib import Path

from audit.attempts import told
from audit.folder import keep, named
from audit.measures import measures
from audit.seal import UNSEALED, Sealing
from audit.story import of_run, written
from audit.versions import versions
from runbooks.runs import RunState


def write(folder: Path, state: RunState, text: str, history: str | None, sealing: Sealing = UNSEALED) -> Path:
    """Write the record below `folder`, whole or not at all. Writing it again changes nothing. Raises OSError."""
    files = {
        "runbook.yaml": text,
        "plan.json": state.plan.model_dump_json(indent=2) if state.plan else None,
        "state.json": state.model_dump_json(indent=2),
        "measures.json": measures(state).model_dump_json(indent=2),
        "history.json": history,
    }
    known = told(history)
    ending = written(time.time(), versions(), sealing, known)
    final = folder / state.runbook / named(state.started_at, state.procedure, state.run)
    return keep(final, files, [*of_run(state, known), ending], sealing.seal)
