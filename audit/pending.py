"""Which records a store has: a receipt beside the records for each that was copied. What has none is pending."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from audit.bundle import Bundle, BundleError, read
from audit.report import EVACUATIONS
from audit.seal import MANIFEST, digest
from audit.store import Store
from audit.verify import verify
from runbooks.values import Model, UnixTime

RECEIPTS = ".stored"
"""The folder of receipts: no runbook is called so."""


class Receipt(Model):
    """A store has the record: every byte of it was taken, or was there."""

    url: str
    manifest: str
    """The SHA-256 of the record's manifest."""
    at: UnixTime


@dataclass(frozen=True)
class Pushed:
    """What became of one record. `why_not` is a sentence, or None when the store has it."""

    place: str
    why_not: str | None = None


def places(records: Path) -> list[str]:
    """Where each record is below the folder, oldest first."""
    found = [*records.glob(f"*/*/{MANIFEST}"), *records.glob(f"{EVACUATIONS}/*/*/{MANIFEST}")]
    below = [path.parent.relative_to(records) for path in found]
    return sorted(
        (str(path) for path in below if not any(part.startswith(".") for part in path.parts)),
        key=lambda place: (place.rpartition("/")[2], place),
    )


def receipt(records: Path, place: str) -> Receipt | None:
    """The record's receipt, or None."""
    try:
        return Receipt.model_validate_json((records / RECEIPTS / f"{place}.json").read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def pending(records: Path, url: str) -> list[str]:
    """The records that this store has not confirmed."""
    receipts = ((place, receipt(records, place)) for place in places(records))
    return [place for place, found in receipts if found is None or found.url != url.rstrip("/")]


def push(records: Path, store: Store) -> Iterator[Pushed]:
    """Copy what is pending, oldest first. Raises StoreError when the store does not answer: the rest waits, too.

    A record that is not as it was written is not copied: what a store takes it keeps.
    """
    for place in pending(records, store.url):
        try:
            bundle = read(records / place)
        except BundleError as error:
            yield Pushed(place, str(error))
            continue
        checked = verify(bundle)
        if not checked.intact:
            yield Pushed(place, f"{checked.sentence}; {checked.faults[0]}")
            continue
        store.put(place, bundle)
        _confirm(records, place, store.url, bundle)
        yield Pushed(place)


def _confirm(records: Path, place: str, url: str, bundle: Bundle) -> None:
    kept = Receipt(url=url, manifest=digest(bundle.files[MANIFEST]), at=time.time())
    path = records / RECEIPTS / f"{place}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(kept.model_dump(), indent=2), encoding="utf-8")
    new.replace(path)


@dataclass(frozen=True)
class Old:
    """One record that is older than it need be kept here. `why_kept` says why it stays, or None when it may go."""

    place: str
    why_kept: str | None = None


def old(records: Path, store: Store, before: UnixTime) -> Iterator[Old]:
    """Every record that ended before then; each is compared with the store's, byte by byte. Raises StoreError."""
    for place in places(records):
        try:
            bundle = read(records / place)
        except BundleError as error:
            yield Old(place, str(error))
            continue
        if _ended_at(bundle) >= before:
            continue
        found = receipt(records, place)
        if found is None or found.url != store.url:
            yield Old(place, "the store has not confirmed it: `evac audit push`")
            continue
        differs = store.differs(place, bundle)
        yield Old(place, None if differs is None else f"the store's is not the same: {differs}")


def _ended_at(bundle: Bundle) -> float:
    """When it ended; what cannot be told is new."""
    state, report = bundle.state(), bundle.report()
    if report is not None:
        return report.ended_at
    return float("inf") if state is None else state.ended_at or state.started_at
