"""A folder of evidence: written whole or not at all, with a digest of each file and the journal's last hash."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from audit.chain import chain
from runbooks.runs import RunEvent
from runbooks.values import UnixTime


def named(started_at: UnixTime, procedure: str, run: str) -> str:
    """How the folder of a run is called: sorted by name they are sorted by time."""
    started = datetime.fromtimestamp(started_at, tz=UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{started}-{procedure}-{run[:8]}"


def keep(final: Path, files: Mapping[str, str | None], events: Iterable[RunEvent]) -> Path:
    """Write the files that have a content, the journal and the manifest. Writing it again changes nothing.

    Raises OSError.
    """
    if final.exists():
        return final
    final.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=final.parent))
    try:
        _fill(new, files, events)
        new.replace(final)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        if final.exists():  # another attempt was quicker
            return final
        raise
    return final


def _fill(folder: Path, files: Mapping[str, str | None], events: Iterable[RunEvent]) -> None:
    entries = chain(event.model_dump(mode="json") for event in events)
    journal = "".join(f"{entry.model_dump_json()}\n" for entry in entries)
    digests: dict[str, str] = {}
    for name, content in {**files, "journal.jsonl": journal}.items():
        if content:
            (folder / name).write_text(content, encoding="utf-8")
            digests[name] = hashlib.sha256(content.encode()).hexdigest()
    head = entries[-1].hash if entries else None
    manifest = json.dumps({"files": digests, "journal_head": head}, indent=2)
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
