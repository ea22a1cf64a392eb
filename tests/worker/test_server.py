"""The embedded server: its state survives it, and it is started again whenever it dies."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from temporalio.api.workflowservice.v1 import CountWorkflowExecutionsRequest
from temporalio.client import Client

from runbooks.runs import RunInput
from tests.workflows.world import SOURCE, runbook
from worker.connect import CannotReachTemporalError, connect
from worker.server import EmbeddedServer, ServerError, binary
from worker.settings import Settings
from workflows.search_attributes import ALL

ROOT = Path(__file__).parents[2]


async def started(settings: Settings) -> None:
    """Start a run that nobody works on."""
    client = await connect(settings)
    request = RunInput.model_validate(
        {
            "runbook": runbook(),
            "source": SOURCE,
            "trigger": {"id": "1", "kind": "person", "by": "ann", "at": 0},
        }
    )
    await client.start_workflow("failover", request, id="evac/llm", task_queue="nobody")


async def connected(settings: Settings) -> Client:
    """A client, as soon as the server answers."""
    while True:
        try:
            return await connect(settings)
        except CannotReachTemporalError:
            await asyncio.sleep(0.02)


async def test_a_killed_server_comes_back_with_its_runs(tmp_path: Path) -> None:
    """SIGKILL: the supervisor starts it on the same file, at the same address."""
    settings = Settings(home=tmp_path)
    async with EmbeddedServer(settings) as server:
        before = server.where
        await started(settings)
        os.kill(before.pid, signal.SIGKILL)
        client = await connected(settings)
        description = await client.get_workflow_handle("evac/llm").describe()
        assert (before.address, "evac/llm") == (server.where.address, description.id)
        assert before.pid != server.where.pid


async def test_runs_survive_a_stop(tmp_path: Path) -> None:
    """Stopped and started again, it knows its runs, and its address is the same, so that links stay good."""
    settings = Settings(home=tmp_path)
    async with EmbeddedServer(settings) as server:
        await started(settings)
        address = server.where.address
    async with EmbeddedServer(settings) as server:
        client = await connect(settings)
        assert (await client.get_workflow_handle("evac/llm").describe()).id == "evac/llm"
        assert address == server.where.address


async def test_a_second_one_in_the_same_home_is_refused(tmp_path: Path) -> None:
    """Two servers never open the same file."""
    settings = Settings(home=tmp_path)
    async with EmbeddedServer(settings):
        with pytest.raises(ServerError, match="runs already in"):
            await EmbeddedServer(settings).__aenter__()


def faltering(folder: Path, failures: int) -> Path:
    """A `temporal` that ends at once so many times, as when another program has taken a port of its own choice."""
    program = folder / "temporal"
    program.write_text(
        f"""#!/bin/sh
echo x >> "{folder}/tries"
if [ "$(wc -l < "{folder}/tries")" -le {failures} ]; then echo "bind: address already in use" >&2; exit 1; fi
exec "{binary()}" "$@"
"""
    )
    program.chmod(0o755)
    return program


async def test_a_server_that_ends_at_once_is_started_on_other_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port taken in between is no reason to give up."""
    monkeypatch.setenv("EVAC_TEMPORAL_CLI", str(faltering(tmp_path, failures=2)))
    settings = Settings(home=tmp_path / "home")
    async with EmbeddedServer(settings):
        assert (await (await connect(settings)).service_client.check_health()) is True


async def test_a_server_that_never_starts_is_given_up_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence holds what it said last; the home is free for the next try."""
    monkeypatch.setenv("EVAC_TEMPORAL_CLI", str(faltering(tmp_path, failures=5)))
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(ServerError, match="ended at once: bind: address already in use; see"):
        await EmbeddedServer(settings).__aenter__()
    async with EmbeddedServer(settings):
        assert (await (await connect(settings)).service_client.check_health()) is True


async def test_search_attributes_are_registered(tmp_path: Path) -> None:
    """A query by each of Evac's attributes is understood."""
    settings = Settings(home=tmp_path)
    async with EmbeddedServer(settings):
        client = await connect(settings)
        for attribute in ALL:
            request = CountWorkflowExecutionsRequest(namespace="default", query=f"{attribute.name} = 'x'")
            assert (await client.workflow_service.count_workflow_executions(request)).count == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
async def test_the_server_does_not_outlive_a_killed_worker(tmp_path: Path) -> None:
    """`evac worker --embedded` is SIGKILLed: its server ends too, so the next one can open the file."""
    evac = str(Path(sys.executable).parent / "evac")
    env = {**os.environ, "EVAC_HOME": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        evac, "worker", "--embedded", env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        server_file = Settings(home=tmp_path).server_file
        while not server_file.exists():
            await asyncio.sleep(0.02)
        server = next(iter(psutil.Process(process.pid).children()))
    finally:
        process.kill()
        await process.wait()
    with suppress(psutil.NoSuchProcess):
        server.wait(timeout=20)
    assert not server.is_running()
    async with EmbeddedServer(Settings(home=tmp_path)) as again:
        assert again.where.pid
