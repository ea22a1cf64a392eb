"""A past run as it lies on disk: a record's folder, or a Temporal history alone. No server is asked.

BundleError    it is not there, or cannot be read; the message says what to do
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

HISTORY = "history.json"
_MARK = b'"eventId"'
"""What a file that holds a history has near its beginning: other JSON lies beside histories."""
_HEAD = 4096


class BundleError(Exception):
    """No run can be read there; the message says why."""


@dataclass(frozen=True)
class Bundle:
    """One past run."""

    name: str
    file: Path
    """Its history."""
    history: WorkflowHistory

    @property
    def folder(self) -> Path | None:
        """The record's folder; None of a history that stands alone."""
        return self.file.parent if self.file.name == HISTORY else None

    @property
    def workflow(self) -> str:
        """The name of the workflow that ran."""
        started = self.history.events[0].workflow_execution_started_event_attributes
        return str(started.workflow_type.name)


def find(records: Path, run: str) -> Path:
    """The history of a run: of a path, or of the record whose run id or folder begins so. Raises BundleError."""
    given = Path(run)
    if given.is_dir() and (given / HISTORY).is_file():
        return given / HISTORY
    if given.is_file():
        return given
    if given.is_dir() or given.exists():
        message = f"{run} holds no {HISTORY}: it is no record of a run (`evac replay --all {run}` looks in its folders)"
        raise BundleError(message)
    found = sorted(file for file in records.glob(f"*/*/{HISTORY}") if _called(file.parent.name, run))
    found += sorted(file for file in records.glob(f"_evacuate/*/*/{HISTORY}") if _called(file.parent.name, run))
    if not found:
        message = f"no record of a run {run} lies below {records}: name a run, or the path of its record"
        raise BundleError(message)
    if len(found) > 1:
        names = ", ".join(file.parent.name for file in found[:4])
        message = f"{run} may be any of {len(found)} records ({names}, ...): say more of its id"
        raise BundleError(message)
    return found[0]


def _called(folder: str, run: str) -> bool:
    """A record's name ends with the first eight digits of its run."""
    short = folder.rsplit("-", 1)[-1]
    return folder.startswith(run) or (len(run) >= 4 and (short.startswith(run) or run.startswith(short)))  # noqa: PLR2004 - fewer digits say nothing


def read(file: Path) -> Bundle:
    """The run of that history. Raises BundleError."""
    name = file.parent.name if file.name == HISTORY else file.stem
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror or error}"
        raise BundleError(message) from None
    try:
        document: dict[str, Any] = json.loads(text)
        first = document["events"][0]["workflowExecutionStartedEventAttributes"]
        history = WorkflowHistory.from_json(first.get("workflowId") or name, document)
    except (ValueError, LookupError, TypeError) as error:
        message = f"{file} is no history of Temporal's: {type(error).__name__}: {error}"
        raise BundleError(message) from None
    return Bundle(name=name, file=file, history=history)


def every(places: Iterable[Path]) -> Iterator[Path]:
    """The histories in those folders, in all of theirs, and those files; each once, in a fixed order."""
    for place in places:
        if place.is_file():
            yield place
            continue
        for file in sorted(place.rglob("*.json")):
            if file.name == HISTORY or _is_history(file):
                yield file


def _is_history(file: Path) -> bool:
    if (file.parent / "manifest.json").exists():  # what else lies in a record is no history
        return False
    with file.open("rb") as opened:
        return _MARK in opened.read(_HEAD)
