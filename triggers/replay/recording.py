"""A past run's history, as its record or a file of its own holds it. No server is asked.

Raises audit's BundleError for what cannot be read; the message says what to do.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

from audit.bundle import TARS, BundleError
from audit.bundle import read as read_record
from audit.shelf import found

HISTORY = "history.json"
_MARK = b'"eventId"'
"""What a file that holds a history has near its beginning: other JSON lies beside histories."""
_HEAD = 4096


@dataclass(frozen=True)
class Recording:
    """One past run."""

    name: str
    history: WorkflowHistory

    @property
    def workflow(self) -> str:
        """The name of the workflow that ran."""
        started = self.history.events[0].workflow_execution_started_event_attributes
        return str(started.workflow_type.name)


def find(records: Path, run: str) -> Recording:
    """The run that is meant: a file of its history, or whatever `evac audit` takes for a record. Raises BundleError."""
    file = Path(run)
    if file.suffix == ".json" and file.is_file():
        return read(file)
    record = found(records, run)
    return _recording(record.name, record.files.get(HISTORY), record.where or run)


def read(path: Path) -> Recording:
    """The run of that record or file. Raises BundleError."""
    if path.is_dir() or path.name.endswith(TARS):
        record = read_record(path)
        return _recording(record.name, record.files.get(HISTORY), str(path))
    try:
        return _recording(path.stem, path.read_bytes(), str(path))
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise BundleError(message) from None


def _recording(name: str, text: bytes | None, where: str) -> Recording:
    if text is None:
        message = (
            f"{where} holds no {HISTORY}: Temporal did not give it when the record was written, so nothing replays"
        )
        raise BundleError(message)
    try:
        document: dict[str, Any] = json.loads(text)
        started = document["events"][0]["workflowExecutionStartedEventAttributes"]
        return Recording(name, WorkflowHistory.from_json(started.get("workflowId") or name, document))
    except (ValueError, LookupError, TypeError) as error:
        message = f"{where} is no history of Temporal's: {type(error).__name__}: {error}"
        raise BundleError(message) from None


def every(places: Iterable[Path]) -> Iterator[Path]:
    """The records and histories in those folders and all of theirs, and those files, in a fixed order."""
    for place in places:
        if place.is_file() or (place / HISTORY).is_file():
            yield place
            continue
        for file in sorted(place.rglob("*")):
            if file.name == HISTORY:
                yield file.parent
            elif file.name.endswith(TARS) or (file.suffix == ".json" and _is_history(file)):
                yield file


def _is_history(file: Path) -> bool:
    if (file.parent / HISTORY).exists() or not file.is_file():  # what else lies in a record is no history
        return False
    with file.open("rb") as opened:
        return _MARK in opened.read(_HEAD)
