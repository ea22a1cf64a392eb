"""A folder of evidence: written whole or not at all, with digests, and a signature if there is a key."""

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from audit.chain import chain
from audit.seal import MANIFEST, SIGNATURE, SIGNER, Seal, digest, manifest, statement
from runbooks.values import UnixTime


def named(started_at: UnixTime, procedure: str, run: str) -> str:
    """How the folder of a run is called: sorted by name they are sorted by time."""
    started = datetime.fromtimestamp(started_at, tz=UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{started}-{procedure}-{run[:8]}"


def keep(
    final: Path, files: Mapping[str, str | None], bodies: Iterable[dict[str, JsonValue]], seal: Seal | None = None
) -> Path:
    """Write the files that have a content, the journal, the manifest and the signature. Again, it changes nothing.

    Raises OSError.
    """
    if final.exists():
        return final
    final.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=final.parent))
    try:
        _fill(new, files, bodies, seal)
        new.replace(final)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        if final.exists():  # another attempt was quicker
            return final
        raise
    return final


def _fill(
    folder: Path, files: Mapping[str, str | None], bodies: Iterable[dict[str, JsonValue]], seal: Seal | None
) -> None:
    entries = chain(bodies)
    journal = "".join(f"{entry.model_dump_json()}\n" for entry in entries)
    contents = {name: text for name, text in {**files, "journal.jsonl": journal}.items() if text}
    if seal is not None:
        contents[SIGNER] = seal.public
    digests = {name: digest(text.encode()) for name, text in contents.items()}
    head = entries[-1].hash if entries else None
    contents[MANIFEST] = manifest(digests, head)
    if seal is not None:
        contents[SIGNATURE] = seal.envelope(statement(digests, head, contents[MANIFEST]))
    for name, text in contents.items():
        (folder / name).write_bytes(text.encode())
