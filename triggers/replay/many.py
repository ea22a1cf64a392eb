"""Thousands of records on the code of today: a process a core, one record at a time in each, so memory stays flat."""

import asyncio
import logging
import multiprocessing
import os
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.runtime import Runtime, TelemetryConfig

from audit.bundle import BundleError
from triggers.replay.differences import difference
from triggers.replay.recording import Recording, read
from triggers.replay.witness import Witness

_BATCH = 25
"""So many are handed to a process at once."""
_FEWEST_EACH = 8
"""A process costs a second or two: fewer records than this are not worth one."""


@dataclass(frozen=True)
class Judged:
    """One recording: why it does not go as it did, as a sentence; None: it does."""

    file: Path
    wrong: str | None


def replay_all(files: list[Path], processes: int | None = None) -> Iterator[Judged]:
    """Every recording, as each is judged."""
    wanted = min(processes or os.cpu_count() or 1, max(1, len(files) // _FEWEST_EACH))
    if wanted == 1:
        yield from _batch(files)
        return
    with ProcessPoolExecutor(wanted, mp_context=multiprocessing.get_context("spawn"), initializer=_quiet) as pool:
        waiting = iter(_batches(files))
        going = deque(pool.submit(_batch, batch) for batch in islice(waiting, wanted * 2))
        while going:
            yield from going.popleft().result()
            going.extend(pool.submit(_batch, batch) for batch in islice(waiting, 1))


def _batches(files: list[Path]) -> Iterable[list[Path]]:
    return (files[first : first + _BATCH] for first in range(0, len(files), _BATCH))


def _quiet() -> None:
    """The SDK tells of every difference by a traceback, and its core on stdout; here it is a sentence."""
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))
    logging.getLogger("temporalio.worker").setLevel(logging.CRITICAL)


_kept: list[tuple[asyncio.Runner, Witness]] = []
"""A process keeps its replayer: checking every workflow in the sandbox costs as much as some replays."""


def _batch(files: list[Path]) -> list[Judged]:
    if not _kept:
        _kept.append((asyncio.Runner(), Witness()))
    runner, witness = _kept[0]
    return runner.run(_judged(witness, files))


async def _judged(witness: Witness, files: list[Path]) -> list[Judged]:
    found: list[Judged] = []
    reading: deque[tuple[Path, Recording]] = deque()

    async def _histories() -> AsyncIterator[WorkflowHistory]:
        for file in files:
            try:
                recording = read(file)
            except BundleError as error:
                found.append(Judged(file, str(error)))
                continue
            reading.append((file, recording))
            yield recording.history

    async with witness.replaying(_histories()) as results:
        async for replayed in results:
            file, recording = reading.popleft()
            wrong = difference(recording.history, replayed)
            found.append(Judged(file, None if wrong is None else wrong.sentence))
    return found
