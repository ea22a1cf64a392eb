"""The record of what is made of other runs (drills, restore tests, readiness, evacuations): a folder beside theirs.

| file          | what it holds                                                                       |
|---------------|-------------------------------------------------------------------------------------|
| runbook.yaml  | the runbook as it was read (not of an evacuation: each of its runs keeps its own)   |
| report.json   | passed or not, of which runbook's checksum, and the whole state at the end          |

Journal, history, manifest and signature are as in `record.py`.
"""

import time
from pathlib import Path

from pydantic import ValidationError

from audit.attempts import told
from audit.folder import keep, named
from audit.seal import UNSEALED, Sealing
from audit.story import in_order, of_events, of_history, written
from audit.versions import versions
from runbooks.models import Procedure
from runbooks.reports import Past, Proof, ReportCall

EVACUATIONS = "_evacuate"
"""The folder of evacuations, by region: no runbook is called so."""


def write(folder: Path, call: ReportCall, history: str | None, sealing: Sealing = UNSEALED) -> Path:
    """Write the record below `folder`, whole or not at all. Writing it again changes nothing. Raises OSError."""
    above = folder / EVACUATIONS if call.procedure == Procedure.EVACUATE else folder
    final = above / call.subject / named(call.started_at, call.procedure, call.run_id)
    report = call.model_dump_json(indent=2, exclude={"text", "events"})
    known = told(history)
    bodies = in_order([*of_events(call.events), *of_history(known)])
    ending = written(time.time(), versions(), sealing, known)
    files = {"runbook.yaml": call.text, "report.json": report, "history.json": history}
    return keep(final, files, [*bodies, ending], sealing.seal)


def past(folder: Path, runbook: str) -> Past:
    """The newest reports of each procedure of the runbook. One that cannot be read proves nothing."""
    good: dict[Procedure, Proof] = {}
    newest: dict[Procedure, Proof] = {}
    for path in (folder / runbook).glob("*/report.json"):
        try:
            call = ReportCall.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            continue
        proof = Proof(
            ended_at=call.ended_at,
            passed=call.passed,
            mode=call.mode,
            checksum=call.runbook_checksum,
            record=str(path.parent),
        )
        for found in (newest, good) if proof.passed else (newest,):
            known = found.get(call.procedure)
            if known is None or known.ended_at < proof.ended_at:
                found[call.procedure] = proof
    return Past(good=good, newest=newest)
