"""The worker from the command line, with a Temporal server of its own."""

import asyncio
import json
import os
import signal
from pathlib import Path

from tests.triggers.conftest import PROGRAMS, Door, ended
from tests.workflows.world import runbook


async def test_a_worker_with_its_own_server_is_found_and_ends_clean(lonely_door: Door) -> None:
    """Commands in the same home find the server by themselves; SIGTERM ends both, with code 0 and a quiet stdout."""
    environment = {**lonely_door.environment(), "EVAC_ACTOR": "ann"}
    del environment["TEMPORAL_ADDRESS"]
    worker = await _evac(environment, "worker", "--embedded")
    assert worker.stderr is not None
    while b"working on" not in (line := await worker.stderr.readline()):
        assert line, "the worker ended"
    server = json.loads((Path(environment["EVAC_HOME"]) / "server.json").read_text())
    status = await ended(await _evac(environment, "status", "-o", "json"))
    assert (status.code, status.document["runs"]) == (0, [])
    plan = await ended(await _evac(environment, "plan", _dead(lonely_door), "--from", "us-east-1", "-o", "json"))
    assert (plan.code, plan.document["plan"]["source"]) == (4, "us-east-1")
    assert plan.err.startswith("evac: this plan refuses itself for ")
    worker.send_signal(signal.SIGTERM)
    last = await ended(worker)
    assert (last.code, last.out) == (0, "")
    assert not _alive(server["pid"])


def _dead(door: Door) -> str:
    """A runbook of which nothing answers."""
    path = door.home / "dead.yaml"
    path.write_text(json.dumps(runbook(name="dead").model_dump(mode="json", exclude_unset=True)))
    return str(path)


async def _evac(environment: dict[str, str], *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        str(PROGRAMS / "evac"),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
