"""Temporal goes away and comes back while a run is being followed."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from tests.triggers.conftest import PROGRAMS, Door, ended
from tests.workflows.world import World
from workflows.search_attributes import ALL


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def server(folder: Path, port: int) -> AsyncIterator[Client]:
    """A server with its state in a file, so that it can be killed and come back."""
    attributes = [word for key in ALL for word in ("--search-attribute", f"{key.name}=Keyword")]
    process = await asyncio.create_subprocess_exec(
        str(PROGRAMS / "temporal"),
        *("server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)),
        *("--db-filename", str(folder / "temporal.db"), *attributes),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield await _connected(f"127.0.0.1:{port}")
    finally:
        process.kill()
        await process.wait()


async def _connected(address: str) -> Client:
    while True:
        try:
            client = await Client.connect(address, data_converter=pydantic_data_converter)
            await client.service_client.check_health(timeout=timedelta(seconds=1))
        except (RuntimeError, RPCError):
            await asyncio.sleep(0.1)
        else:
            return client


async def _said(process: asyncio.subprocess.Process, text: str) -> None:
    assert process.stderr is not None
    while text not in (line := (await process.stderr.readline()).decode()):
        assert line, f"it ended before it said {text!r}"


async def test_following_outlives_the_server(tmp_path: Path) -> None:
    """The follower says that Temporal is silent, goes on asking, and tells the end; stdout holds the answer alone."""
    port = _free_port()
    async with AsyncExitStack() as stack:
        stack.callback((tmp_path / "temporal.db").unlink, missing_ok=True)
        async with server(tmp_path, port) as client:
            door = Door(client, tmp_path / "door", "evac-outage", "llm-outage", World(), f"127.0.0.1:{port}", stack)
            door.home.mkdir()
            command = ("failover", door.file(), "--from", "us-east-1", "--yes", "-o", "json")
            follower = await door.begin(*command)
            await _said(follower, "no worker answers")
        await _said(follower, "Temporal does not answer. The run goes on by itself.")
        async with server(tmp_path, port) as client:
            door.client = client
            await door.work()
            ran = await ended(follower)
            assert (ran.code, ran.document["run"]["outcome"]) == (0, "recovered")
            await door.close()
