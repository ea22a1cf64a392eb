"""The alert door against a bare FastAPI endpoint that starts a workflow of each alert; and a storm of 10,000.

Both endpoints take turns on one embedded server, each in a process of its own; goal: at least 0.8x of its throughput.
In the storm Temporal is frozen for 30 s and then killed; every sender must be answered, and one run be started.
"""

import asyncio
import importlib
import os
import socket
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

ROUNDS = 5
SENDERS = {1: 40, 32: 160}
"""So many at once, and how many requests they send in a round."""
GOAL = 0.8
STORM = 10_000
AWAY = 30.0


def main() -> None:
    """Print both."""
    storms: Any = importlib.import_module("tests.triggers.alerts.storm")  # the world of the tests stands behind it
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_throughput(storms, Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_storm(storms, Path(folder)))


async def _throughput(storms: Any, home: Path) -> None:  # noqa: ANN401 - a module that is loaded by name
    async with storms.weather(home) as around, _bare(around.server.where.address) as bare:
        around_bare = storms.Weather(around.settings, around.server, around.client, bare)
        for at_once, count in SENDERS.items():
            await _compare(storms, {"ours": around, "bare": around_bare}, at_once, count)


async def _compare(storms: Any, doors: dict[str, Any], at_once: int, count: int) -> None:  # noqa: ANN401 - as above
    rates: dict[str, list[float]] = {name: [] for name in doors}
    waits: dict[str, list[float]] = {name: [] for name in doors}
    for number in range(ROUNDS + 1):
        for name, where in doors.items():
            sent = [storms.concerned(f"{name}-{at_once}-{number}-{one}") for one in range(count)]
            tally = await where.blow(sent, at_once)
            if number:  # the first round warms up
                rates[name].append(count / tally.seconds)
                waits[name] += tally.waits
    for name, found in rates.items():
        print(f"{name}, {at_once} at once: {_rate(found)}, {_latency(waits[name])}")  # noqa: T201 - a benchmark's answer
    ratio = statistics.median(rates["ours"]) / statistics.median(rates["bare"])
    print(f"ratio: {ratio:.2f}x of the bare endpoint's throughput (goal: at least {GOAL:g}x)")  # noqa: T201 - as above


async def _storm(storms: Any, home: Path) -> None:  # noqa: ANN401 - as above
    tally, state, runs = await storms.blown(home, STORM, AWAY)
    keys = {one.key for one in storms.storm(STORM) if one.key}
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(tally.answered.items()))
    lost = len(keys) - state.counted
    print(  # noqa: T201 - as above
        f"storm: {STORM} senders in {tally.seconds:.1f} s, Temporal away for {AWAY:g} s: {answers}; "
        f"{_latency(tally.waits)}; {len(tally.wrong)} wrong answers, {lost} of {len(keys)} alerts lost, {runs} run(s)"
    )


def _rate(rates: list[float]) -> str:
    return f"{statistics.median(rates):.0f} requests/s ({min(rates):.0f}-{max(rates):.0f})"


def _latency(waits: list[float]) -> str:
    cut = statistics.quantiles(waits, n=100)
    return f"p50 {cut[49] * 1000:.0f} ms, p99 {cut[98] * 1000:.0f} ms"


@asynccontextmanager
async def _bare(address: str) -> AsyncIterator[str]:
    """The bare endpoint, where it is."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.bare_door", str(port)), env={**os.environ, "TEMPORAL_ADDRESS": address}
    )
    try:
        await _answers(port)
        yield f"http://127.0.0.1:{port}/alerts"
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/") as answer:
                    await answer.read()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
            else:
                return


if __name__ == "__main__":
    main()
