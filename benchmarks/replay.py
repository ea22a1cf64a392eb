"""A thousand records through `evac replay --all`, against Temporal's bare replayer on the same histories.

The two take turns, batch by batch, in one process; goal: at least 0.9 of its speed. Then all of them with a process a
core. `python -m benchmarks.replay 200` replays fewer.
"""

import asyncio
import logging
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from triggers.replay.many import replay_all
from triggers.replay.recording import read
from worker.build import WORKFLOWS

RECORDS = 1000
GOAL = 0.9
_HISTORIES = Path(__file__).parents[1] / "tests" / "histories"
BATCH = len(list(_HISTORIES.glob("*.json")))
"""As many as there are different ones, so that every batch is alike."""


def filled(folder: Path, count: int) -> list[Path]:
    """So many records: each committed history again and again."""
    known = sorted(_HISTORIES.glob("*.json"))
    files = []
    for number in range(count):
        record = folder / f"{number:05}"
        record.mkdir()
        shutil.copy(known[number % len(known)], record / "history.json")
        (record / "manifest.json").write_text("{}")
        files.append(record)
    return files


async def bare(replayer: Replayer, files: list[Path]) -> None:
    """The floor: read, and replayed by the SDK."""

    async def _histories() -> AsyncIterator[WorkflowHistory]:
        for file in files:
            yield read(file).history

    assert not (await replayer.replay_workflows(_histories())).replay_failures


def measure(files: list[Path]) -> tuple[list[float], list[float]]:
    """Seconds of each batch: bare, ours."""
    replayer = Replayer(workflows=WORKFLOWS, data_converter=pydantic_data_converter)
    batches = [files[first : first + BATCH] for first in range(0, len(files), BATCH)]
    floors, mine = [], []
    with asyncio.Runner() as runner:
        for batch in batches:
            began = time.perf_counter()
            runner.run(bare(replayer, batch))
            between = time.perf_counter()
            assert all(one.wrong is None for one in replay_all(batch, processes=1))
            floors.append(between - began)
            mine.append(time.perf_counter() - between)
    return floors[1:], mine[1:]  # the first one warms up


def main() -> None:
    """Print the speeds, their ratio, and the memory that was needed at most."""
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    count = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else RECORDS
    with tempfile.TemporaryDirectory() as home:
        files = filled(Path(home), count)
        floors, mine = measure(files)
        began = time.perf_counter()
        assert all(one.wrong is None for one in replay_all(files))
        parallel = count / (time.perf_counter() - began)
    ratio = statistics.median(a / b for a, b in zip(floors, mine, strict=True))
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    print(  # noqa: T201 - it is what a benchmark is for
        f"{count} records: bare replayer {BATCH / statistics.median(floors):.0f} a second, "
        f"ours {BATCH / statistics.median(mine):.0f} in one process, ratio {ratio:.2f} (goal: at least {GOAL}); "
        f"{parallel:.0f} with a process a core; a process needed at most {most:.0f} MB"
    )


if __name__ == "__main__":
    main()
