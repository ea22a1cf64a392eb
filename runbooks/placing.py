"""From a file to a document, and from findings back to places in the file: for every kind of YAML that Evac reads."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from runbooks.document import Document
from runbooks.faults import DocumentPath, Fault, Finding, RunbookError

MAX_BYTES = 1024 * 1024
_BYTE_ORDER_MARK = "\ufeff"


def text_of(path: str | Path) -> str:
    """The text of the file. Raises RunbookError."""
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise refused(name, "there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise refused(name, f"the file cannot be read: {reason}") from None
    check_size(len(content), name)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise refused(name, "the file is not UTF-8 from here on; save it as UTF-8", line, column) from None


def bare(text: str, name: str) -> str:
    """The text without its byte order mark. Raises RunbookError when it is too long."""
    check_size(len(text.encode("utf-8", "surrogatepass")), name)
    return text.removeprefix(_BYTE_ORDER_MARK)


def mapping(document: Document, name: str, what: str, version: str) -> dict[str, JsonValue]:
    """The document's data, if there is a mapping to look into at all. Raises RunbookError.

    `what` is what the file should be (`a runbook`), `version` the key that it starts with (`evac`).
    """
    if document.empty and document.flaws:
        raise RunbookError(placed(document, name, ()))
    if document.data is None:
        raise refused(name, f"the file is empty; {what} starts with `{version}: 1`")
    if not isinstance(document.data, dict):
        found = "a list" if isinstance(document.data, list) else "a single value"
        finding = Finding((), f"{what} is a mapping that starts with `{version}: 1`, not {found}")
        raise RunbookError(placed(document, name, [finding]))
    known = document.data.get(version)
    if version in document.data and known != 1 and isinstance(known, int) and not isinstance(known, bool):
        sentence = f"this release reads `{version}: 1`, not `{version}: {known}`"
        sentence += "; use a release of Evac that knows that version"
        raise RunbookError(placed(document, name, [Finding((version,), sentence)]))
    return document.data


def placed(document: Document, name: str, findings: Iterable[Finding]) -> list[Fault]:
    """The reader's own flaws and the findings, placed; a finding that touches a flaw would only be its echo."""
    found = list(findings)
    flawed = {flaw.path for flaw in document.flaws if flaw.path}
    meant = {finding.meant for finding in found}
    kept = [finding for finding in found if finding.path not in meant and not _touches(finding.path, flawed)]
    own = [Fault(flaw.place.line, flaw.place.column, flaw.sentence, flaw.path, name) for flaw in document.flaws]
    return [*own, *places(document, name, kept)]


def places(document: Document, name: str, findings: Iterable[Finding]) -> list[Fault]:
    """Each finding with its line and column."""
    faults = []
    for finding in findings:
        place = document.place(finding.path, on_key=finding.on_key)
        faults.append(Fault(place.line, place.column, finding.sentence, finding.path, name))
    return faults


def check_size(size: int, name: str) -> None:
    """Raises RunbookError when a file is longer than any that Evac needs."""
    if size > MAX_BYTES:
        raise refused(name, f"the file has more than {MAX_BYTES} bytes; no runbook needs that many")


def refused(name: str, sentence: str, line: int = 1, column: int = 1) -> RunbookError:
    """One fault, as the error."""
    return RunbookError([Fault(line, column, sentence, (), name)])


def _touches(path: DocumentPath, flawed: set[DocumentPath]) -> bool:
    """Inside of what could not be read, or a judgement of something that holds it."""
    return any(path[: len(flaw)] == flaw or flaw[: len(path)] == path for flaw in flawed)
