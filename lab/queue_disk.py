"""What a queue's disk says of its stream while the server is down: whether it would be a second writer."""

import json
from pathlib import Path
from typing import Any

from activities.clients.nats_stream import FENCED, LINE
from lab.topology import STREAM, Lab, LabRegion
from runbooks.values import Model


class StreamOnDisk(Model):
    """What a server's stream would be if it were started now. `line`: the epoch of the last promotion it knows."""

    writer: bool
    line: int = 0


def stream_on_disk(store: Path) -> StreamOnDisk | None:
    """Read from the file that JetStream goes by; None when there is no stream."""
    found = next(store.glob(f"jetstream/*/streams/{STREAM}/meta.inf"), None)
    if found is None:
        return None
    config: dict[str, Any] = json.loads(found.read_text())
    metadata: dict[str, str] = config.get("metadata") or {}
    epochs = [int(pair.partition(":")[0]) for pair in metadata.get(LINE, "").split(",") if pair]
    return StreamOnDisk(writer=not config.get("mirror") and FENCED not in metadata, line=max(epochs, default=0))


def why_second_writer(lab: Lab, region: LabRegion) -> str | None:
    """Why the region's server would be a second writer if it came back as it was, or None."""
    mine = stream_on_disk(lab.queue_store(region.name))
    if mine is None or not mine.writer:
        return None
    for other in lab.regions:
        theirs = None if other == region else stream_on_disk(lab.queue_store(other.name))
        if theirs is not None and theirs.line > mine.line:
            return f"{other.queue} was promoted past it by decision {theirs.line}, and must be followed first."
    return None
