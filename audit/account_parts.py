"""What an account is made of, and the sections of every record: failed attempts, what happened, its files. Pure."""

from dataclasses import dataclass

from audit.bundle import Bundle
from audit.chain import Entry
from audit.gantt import Chart
from audit.seal import digest
from audit.story import ATTEMPT, TOLD
from runbooks.words import clean, clock

GOOD, BAD, UNSURE = "good", "bad", "unsure"


@dataclass(frozen=True)
class Section:
    """One part: a table, or pairs of a name and a value where there is no heading row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    nothing: str = ""
    """What is said where there are no rows; empty: the section is left out."""
    narrow: bool = False
    """Its last column is made of digests: written small."""


@dataclass(frozen=True)
class Account:
    """The whole."""

    title: str
    verdict: str
    tone: str
    summary: str
    sections: tuple[Section, ...]
    chart: Chart | None
    proof: str
    intact: bool
    record: str
    made_of: float
    """When what it tells of ended: the page has no other time, so it is the same whenever it is made."""


def failures(entries: list[Entry]) -> Section:
    """Activities that had to be tried again, or failed."""
    rows = tuple(
        (
            _when(entry),
            f"{_text(entry, 'activity')} {_text(entry, 'step')}".strip(),
            _text(entry, "tries"),
            _error(entry),
        )
        for entry in entries
        if entry.body.get("kind") == ATTEMPT and (entry.body.get("error") or entry.body.get("ended") == "failed")
    )
    return Section("Attempts that failed", ("When", "Activity", "Tries", "The last error"), rows, "No attempt failed.")


def _error(entry: Entry) -> str:
    ended = _text(entry, "ended")
    return f"{_text(entry, 'error') or 'no reason was given'} ({'then completed' if ended == 'completed' else ended})"


def timeline(entries: list[Entry]) -> Section:
    """The sentences; what only the journal holds besides them is in the CSV."""
    shown = [entry for entry in entries if entry.body.get("kind", TOLD) == TOLD]
    rows = tuple((_when(entry), str(entry.seq), _text(entry, "text")) for entry in shown)
    return Section("What happened", ("When", "Entry", "What"), rows, "The journal is empty.")


def files(bundle: Bundle) -> Section:
    """The record's files, by their digests."""
    rows = tuple((name, str(len(content)), digest(content)) for name, content in sorted(bundle.files.items()))
    return Section("Evidence", ("File", "Bytes", "SHA-256"), rows, "", narrow=True)


def _when(entry: Entry) -> str:
    at = entry.body.get("at")
    return clock(float(at)) if isinstance(at, int | float) else ""


def _text(entry: Entry, key: str) -> str:
    return clean(str(entry.body.get(key) or ""))
