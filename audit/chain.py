"""A hash chain over canonical JSON (RFC 8785): each entry holds the hash of the one before it.

It proves that nothing was edited, cut or reordered since, as long as the last hash is kept elsewhere too.
"""

import hashlib
from collections.abc import Iterable

import rfc8785
from pydantic import JsonValue

from runbooks.values import Model

START = "0" * 64


class Entry(Model):
    """One link: `hash` = SHA-256 of `previous` and the canonical JSON of sequence number and body."""

    seq: int
    previous: str
    body: dict[str, JsonValue]
    hash: str


def chain(bodies: Iterable[dict[str, JsonValue]], previous: str = START) -> list[Entry]:
    """Link the bodies in their order."""
    entries: list[Entry] = []
    for seq, body in enumerate(bodies):
        entry = Entry(seq=seq, previous=previous, body=body, hash=_hash(previous, seq, body))
        entries.append(entry)
        previous = entry.hash
    return entries


class Break(Model):
    """One place where a chain does not hold: the number of the entry (None: its end), and what is wrong there."""

    entry: int | None
    what: str


def breaks(entries: Iterable[Entry], head: str | None = None) -> list[Break]:
    """Every place where the chain does not hold, up to `head` when that is given."""
    found: list[Break] = []
    previous = START
    for expected, entry in enumerate(entries):
        if entry.seq != expected:
            found.append(Break(entry=expected, what=f"entry {expected} is missing: {entry.seq} stands in its place"))
        elif entry.previous != previous or entry.hash != _hash(previous, entry.seq, entry.body):
            found.append(Break(entry=entry.seq, what=f"entry {entry.seq} was changed"))
        previous = entry.hash
    if head is not None and head != previous:
        found.append(Break(entry=None, what="the end of the chain is missing"))
    return found


def broken(entries: Iterable[Entry], head: str | None = None) -> str | None:
    """Where the chain does not hold first, as a sentence; None when it holds (up to `head`, when that is given)."""
    return next((one.what for one in breaks(entries, head)), None)


def _hash(previous: str, seq: int, body: dict[str, JsonValue]) -> str:
    return hashlib.sha256(previous.encode() + rfc8785.dumps({"seq": seq, "body": body})).hexdigest()
