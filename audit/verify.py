"""Is a record as it was written? Any byte changed, cut, exchanged, added or removed is found, and where. Pure."""

import json
from collections.abc import Iterator

from pydantic import JsonValue, ValidationError

from audit import seal, signing
from audit.bundle import Bundle
from audit.chain import Entry, breaks
from runbooks.values import Model

_JOURNAL = "journal.jsonl"
_OWN = frozenset({seal.MANIFEST, seal.SIGNATURE})
"""What the manifest cannot hold the digest of."""


class Fault(Model):
    """One thing that is not as it was written."""

    file: str
    what: str
    entry: int | None = None
    """The number of the journal's entry."""

    def __str__(self) -> str:
        """The place and what is wrong there."""
        return f"{self.file}: {self.what}"


class Checked(Model):
    """What was found. `signed_by` is the id of the key; `trusted`: it is the key that the reader gave."""

    faults: tuple[Fault, ...] = ()
    files: int = 0
    entries: int = 0
    signed_by: str = ""
    trusted: bool = False
    journal_head: str = ""

    @property
    def intact(self) -> bool:
        """Nothing is wrong."""
        return not self.faults

    @property
    def sentence(self) -> str:
        """The verdict."""
        if self.faults:
            many = f"{len(self.faults)} fault{'' if len(self.faults) == 1 else 's'}"
            return f"NOT as it was written: {many}"
        what = f"intact: {self.files} files and {self.entries} journal entries are as they were written"
        if not self.signed_by:
            return f"{what}; unsigned, so whoever can write the folder could have written it anew as a whole"
        if self.trusted:
            return f"{what}; signed with your key {self.signed_by[:16]}"
        return f"{what}; signed with the key {self.signed_by[:16]}, which you have not given (--key) to compare"


class _Manifest(Model):
    files: dict[str, str]
    journal_head: str | None


def verify(bundle: Bundle, key: str | None = None) -> Checked:
    """Look at everything. `key` is the public key (PEM) that must have signed it. Raises KeyFault when it is none."""
    given = None if key is None else signing.key_id(key)
    faults = [Fault(file=name, what="it is no plain file: a record has no links or folders") for name in bundle.strange]
    manifest = _manifest(bundle, faults)
    entries = list(_entries(bundle, faults))
    if manifest is not None:
        faults += _files(bundle, manifest)
    faults += _journal(bundle, entries, manifest, faults)
    signed_by = ""
    if manifest is not None:
        signed_by = _signature(bundle, manifest, key, faults)
    return Checked(
        faults=tuple(faults),
        files=len(bundle.files),
        entries=len(entries),
        signed_by=signed_by,
        trusted=bool(given) and given == signed_by,
        journal_head=(manifest.journal_head if manifest else None) or "",
    )


def _manifest(bundle: Bundle, faults: list[Fault]) -> _Manifest | None:
    text = bundle.files.get(seal.MANIFEST)
    if text is None:
        faults.append(Fault(file=seal.MANIFEST, what="it is missing, so nothing says what the record was"))
        return None
    try:
        found = json.loads(text)
        read = _Manifest.model_validate(found)
        known = {"format": seal.FORMAT} if "format" in found else {}
        exact = {**known, "files": read.files, "journal_head": read.journal_head} == found
        write = seal.manifest if known else seal.old_manifest
        again = write(read.files, read.journal_head).encode()
    except (ValueError, TypeError, RecursionError, ValidationError):
        faults.append(Fault(file=seal.MANIFEST, what="it was changed: it cannot be read any more"))
        return None
    if not exact or again != text:
        faults.append(Fault(file=seal.MANIFEST, what="it was changed: it is not as Evac writes it"))
    return read


def _files(bundle: Bundle, manifest: _Manifest) -> Iterator[Fault]:
    for name, sha256 in manifest.files.items():
        if name not in bundle.files:
            yield Fault(file=name, what="it is missing")
        elif seal.digest(bundle.files[name]) != sha256:
            found = seal.digest(bundle.files[name])
            yield Fault(file=name, what=f"it was changed: its SHA-256 is {found[:12]}, the manifest says {sha256[:12]}")
    for name in sorted(set(bundle.files) - set(manifest.files) - _OWN):
        yield Fault(file=name, what="it was added: the manifest does not name it")


def _entries(bundle: Bundle, faults: list[Fault]) -> Iterator[Entry]:
    lines = bundle.files.get(_JOURNAL, b"").split(b"\n")
    if lines.pop():
        faults.append(Fault(file=_JOURNAL, entry=len(lines), what=f"entry {len(lines)} is cut off"))
    for number, line in enumerate(lines):
        try:
            entry = Entry.model_validate_json(line)
        except ValidationError:
            faults.append(Fault(file=_JOURNAL, entry=number, what=f"entry {number} cannot be read any more"))
            continue
        if entry.model_dump_json().encode() != line:
            faults.append(Fault(file=_JOURNAL, entry=number, what=f"entry {number} is not as Evac writes it"))
        yield entry


def _journal(bundle: Bundle, entries: list[Entry], manifest: _Manifest | None, known: list[Fault]) -> Iterator[Fault]:
    """Where the chain does not hold; what is known already of an entry is not said again."""
    if _JOURNAL not in bundle.files:
        return
    told = {fault.entry for fault in known if fault.entry is not None}
    for found in breaks(entries, manifest.journal_head if manifest else None):
        if found.entry is None or found.entry not in told:
            yield Fault(file=_JOURNAL, entry=found.entry, what=found.what)


def _signature(bundle: Bundle, manifest: _Manifest, key: str | None, faults: list[Fault]) -> str:
    """The id of the key that signed it; faults when that does not hold, or another key was wanted."""
    text, signer = bundle.files.get(seal.SIGNATURE), bundle.files.get(seal.SIGNER)
    if text is None and signer is None and key is None:
        return ""
    if text is None:
        why = "it is missing: the record was signed" if signer else "it is missing: the record is unsigned"
        faults.append(Fault(file=seal.SIGNATURE, what=why))
        return ""
    public = key if key is not None else (signer or b"").decode(errors="replace")
    payload = seal.statement(manifest.files, manifest.journal_head, _text(bundle.files[seal.MANIFEST]))
    try:
        why_not = signing.unsigned_because(_text(text), payload, public)
    except signing.KeyFault as fault:
        why_not = f"it cannot be checked: {fault}"
    if why_not is not None:
        faults.append(Fault(file=seal.SIGNATURE, what=why_not))
        return ""
    return signing.key_id(public)


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


def dumped(checked: Checked) -> dict[str, JsonValue]:
    """The result as a JSON document has it."""
    return {
        "intact": checked.intact,
        "sentence": checked.sentence,
        "faults": [fault.model_dump(mode="json") for fault in checked.faults],
        "files": checked.files,
        "entries": checked.entries,
        "signed_by": checked.signed_by or None,
        "trusted": checked.trusted,
        "journal_head": checked.journal_head or None,
    }
