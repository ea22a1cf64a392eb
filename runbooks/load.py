"""Reading a runbook from YAML, strictly: every fault at once, each with its line and column.

RunbookError     the only error that leaves this module; `faults` holds every `file:line:column: sentence`

    text --reader--> data and places --shape--> Runbook --check--> findings --placing--> faults
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from runbooks.check import advice, check
from runbooks.document import Document
from runbooks.faults import Fault, Finding, RunbookError
from runbooks.models import Runbook
from runbooks.partial import mended
from runbooks.placing import MAX_BYTES, bare, mapping, placed, places, text_of
from runbooks.reader import read
from runbooks.shape import fit

__all__ = ["MAX_BYTES", "Fault", "LoadedRunbook", "RunbookError", "load", "loads"]


@dataclass(frozen=True)
class LoadedRunbook:
    """A runbook that can be run, and the text that it was read from, for the record.

    `notes` are no faults: they say what makes a failover weaker than it could be.
    """

    runbook: Runbook
    text: str
    path: str
    notes: tuple[Fault, ...] = ()


def load(path: str | Path) -> LoadedRunbook:
    """The runbook in the file. Raises RunbookError."""
    return loads(text_of(path), str(path))


def loads(text: str, name: str = "<text>") -> LoadedRunbook:
    """The runbook in the text; `name` is what faults call it. Raises RunbookError."""
    text = bare(text, name)
    document = read(text)
    data = mapping(document, name, "a runbook", "evac")
    runbook, findings = fit(Runbook, data)
    if runbook is not None and not document.flaws:
        findings = list(check(runbook))
        if not findings:
            return LoadedRunbook(runbook, text, name, tuple(places(document, name, advice(runbook))))
    else:
        findings.extend(_more(data, findings, document))
    raise RunbookError(placed(document, name, findings))


def _more(data: dict[str, JsonValue], findings: list[Finding], document: Document) -> Iterable[Finding]:
    """What the rules find in the parts that can be understood."""
    unreadable = [Finding(flaw.path, flaw.sentence) for flaw in document.flaws]
    partial = mended(data, [*findings, *unreadable])
    return () if partial is None else check(*partial)
