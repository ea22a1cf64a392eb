"""Drills in a row, unattended, on the lab: `python -m benchmarks.drills [HOW MANY]`.

Each drill is two planned moves under a client outside that writes twenty rows a second through the public name. For
each it prints the verdict, how long writes stopped in each move as the client felt it (the two longest times between
two acknowledged rows), and, at the end, which acknowledged rows each store lacks. The floor is the same lab left alone
for as long: what is longest between two acknowledged rows when nothing is moved.
"""

import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from temporalio.client import Client

from lab.crew import muster
from lab.journal import Attempt
from lab.load import Load
from lab.manager import running
from lab.topology import Lab, LabSpec
from lab.usage import load_config, lost
from runbooks.drills import DrillInput, DrillState
from runbooks.load import LoadedRunbook, load
from runbooks.models import Procedure
from runbooks.runs import Trigger
from triggers.composite import start_drill
from worker.settings import Settings

MANY = 10
SOAK = 3.0
CALM = 5.0
MOVES = 2
PATIENCE = 180.0


def gaps(attempts: Sequence[Attempt], since: float, until: float) -> list[float]:
    """The times between two acknowledged rows that end in this span, longest first. Seconds."""
    good = sorted(attempt.at for attempt in attempts if attempt.kind == "write" and attempt.good)
    return sorted((b - a for a, b in pairwise(good) if since < b <= until), reverse=True)


async def drill(lab: Lab, home: Path, many: int) -> bool:
    """Run them and print what was seen; whether all passed and nothing acknowledged was lost in the planned moves."""
    settings = Settings(home=home / "evac")
    client = await muster(lab, settings)
    read = load(lab.runbook)
    passed = []
    async with Load(load_config(lab)) as clients:
        await clients.until_good(time.time())
        began = time.time()
        await asyncio.sleep(CALM)
        _say(f"floor: at most {gaps(clients.attempts, began, time.time())[0] * 1000:.0f} ms between two rows")
        for number in range(1, many + 1):
            began = time.time()
            state = await _one(client, settings, read)
            await clients.until_good(time.time())
            longest = gaps(clients.attempts, began, time.time())[:MOVES]
            felt = " and ".join(f"{gap:.2f}" for gap in longest)
            took = f"recovered in {state.report.recovery or 0:.1f} s" if state.report else ""
            _say(f"drill {number:>2}: {state.outcome}, {took}; no rows for {felt} s as the client felt it")
            passed.append(state.report is not None and state.report.passed)
        config = clients.config
    missing = await lost(lab, config)
    for loss in missing:
        _say(f"{loss.store}: {loss.missing} of {loss.acknowledged} acknowledged rows are missing")
    return all(passed) and not any(loss.missing for loss in missing)


async def _one(client: Client, settings: Settings, read: LoadedRunbook) -> DrillState:
    at = time.time()
    trigger = Trigger(id=uuid.uuid4().hex, kind="schedule", by="bench", at=at, procedure=Procedure.DRILL)
    request = DrillInput(runbook=read.runbook, text=read.text, soak=SOAK, trigger=trigger)
    started = await start_drill(client, settings, request)
    async with asyncio.timeout(PATIENCE):
        return await started.handle.result()


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  (it is what a benchmark is for)


async def measure(many: int) -> bool:
    """A lab of its own for all of them."""
    with tempfile.TemporaryDirectory(prefix="evac-bench-") as folder:
        home = Path(folder)
        async with running(LabSpec(home=home / "lab", name="drills", model=False)) as lab:
            return await drill(lab, home, many)


def main() -> None:
    """Leave with 1 when one did not pass, or an acknowledged row is missing."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    if not asyncio.run(measure(many)):
        sys.exit(1)


if __name__ == "__main__":
    main()
