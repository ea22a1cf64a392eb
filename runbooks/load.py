"""Reading a runbook from YAML, strictly: every fault at once, each with its line and column.

RunbookError     the only error that leaves this module; `faults` holds every `file:line:column: sentence`

    text --reader--> data and places --shape--> Runbook --check--> findings --places--> faults
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from runbooks.check import advice, check
from runbooks.document import Document
from runbooks.faults import DocumentPath, Fault, Finding, RunbookError
from runbooks.models import Runbook
from runbooks.partial import mended
from runbooks.reader import read
from runbooks.shape import fit

__all__ = ["MAX_BYTES", "Fault", "LoadedRunbook", "RunbookError", "load", "loads"]

MAX_BYTES = 1024 * 1024
_BYTE_ORDER_MARK = "\ufeff"


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
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _refused(name, "there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _refused(name, f"the file cannot be read: {reason}") from None
    _check_size(len(content), name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise _refused(name, "the file is not UTF-8 from here on; save it as UTF-8", line, column) from None
    return loads(text, name)


def loads(text: str, name: str = "<text>") -> LoadedRunbook:
    """The runbook in the text; `name` is what faults call it. Raises RunbookError."""
    _check_size(len(text.encode("utf-8", "surrogatepass")), name)
    text = text.removeprefix(_BYTE_ORDER_MARK)
    document = read(text)
    data = _mapping(document, name)
    version = data.get("evac")
    if "evac" in data and version != 1 and isinstance(version, int) and not isinstance(version, bool):
        sentence = f"this release reads `evac: 1`, not `evac: {version}`; use a release of Evac that knows that version"
        raise RunbookError(_faults(document, name, [Finding(("evac",), sentence)]))
    runbook, findings = fit(Runbook, data)
    if runbook is not None and not document.flaws:
        findings = list(check(runbook))
        if not findings:
            return LoadedRunbook(runbook, text, name, tuple(_places(document, name, advice(runbook))))
    else:
        findings.extend(_more(data, findings, document))
    raise RunbookError(_faults(document, name, findings))


def _mapping(document: Document, name: str) -> dict[str, JsonValue]:
    """The document's data, if there is a mapping to look into at all. Raises RunbookError."""
    if document.empty and document.flaws:
        raise RunbookError(_faults(document, name, ()))
    if document.data is None:
        raise _refused(name, "the file is empty; a runbook starts with `evac: 1`")
    if not isinstance(document.data, dict):
        what = "a list" if isinstance(document.data, list) else "a single value"
        finding = Finding((), f"a runbook is a mapping that starts with `evac: 1`, not {what}")
        raise RunbookError(_faults(document, name, [finding]))
    return document.data


def _more(data: dict[str, JsonValue], findings: list[Finding], document: Document) -> Iterable[Finding]:
    """What the rules find in the parts that can be understood."""
    unreadable = [Finding(flaw.path, flaw.sentence) for flaw in document.flaws]
    partial = mended(data, [*findings, *unreadable])
    return () if partial is None else check(*partial)


def _faults(document: Document, name: str, findings: Iterable[Finding]) -> list[Fault]:
    """The reader's own flaws and the findings, placed; a finding that touches a flaw would only be its echo."""
    found = list(findings)
    flawed = {flaw.path for flaw in document.flaws if flaw.path}
    meant = {finding.meant for finding in found}
    kept = [finding for finding in found if finding.path not in meant and not _touches(finding.path, flawed)]
    own = [Fault(flaw.place.line, flaw.place.column, flaw.sentence, flaw.path, name) for flaw in document.flaws]
    return [*own, *_places(document, name, kept)]


def _touches(path: DocumentPath, flawed: set[DocumentPath]) -> bool:
    """Inside of what could not be read, or a judgement of something that holds it."""
    return any(path[: len(flaw)] == flaw or flaw[: len(path)] == path for flaw in flawed)


def _places(document: Document, name: str, findings: Iterable[Finding]) -> list[Fault]:
    faults = []
    for finding in findings:
        place = document.place(finding.path, on_key=finding.on_key)
        faults.append(Fault(place.line, place.column, finding.sentence, finding.path, name))
    return faults


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        raise _refused(name, f"the file has more than {MAX_BYTES} bytes; no runbook needs that many")


def _refused(name: str, sentence: str, line: int = 1, column: int = 1) -> RunbookError:
    return RunbookError([Fault(line, column, sentence, (), name)])
