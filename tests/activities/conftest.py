"""Real parts: each test has what it breaks for itself."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from lab.demolition import demolish
from lab.manager import running, up
from lab.topology import DBNAME, Lab, LabSpec
from tests.activities.calls import STANDBY
from tests.lab.machine import PAIR
from tests.lab.started import until


async def caught_up(lab: Lab) -> bool:
    """The asynchronous standby has the database by now."""
    async with await psycopg.AsyncConnection.connect(lab.dsn(STANDBY, dbname="postgres")) as connection:
        found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DBNAME])
        return await found.fetchone() is not None


@pytest_asyncio.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Lab]:
    """A primary with an asynchronous standby that has caught up, and the power controller; for one test."""
    async with running(LabSpec(home=tmp_path / "lab", parts=PAIR, mode="asynchronous")) as lab:
        await until(lambda: caught_up(lab))
        yield lab


@pytest.fixture(scope="session")
def calm_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The same for all tests that put back what they change: in the end both servers must be as they were."""

    async def bring_up() -> Lab:
        lab = await up(LabSpec(home=tmp_path_factory.mktemp("calm") / "lab", parts=PAIR, mode="asynchronous"))
        await until(lambda: caught_up(lab))
        return lab

    lab = asyncio.run(bring_up())
    yield lab
    demolish(lab)


@pytest_asyncio.fixture
async def caches(tmp_path: Path) -> AsyncIterator[Lab]:
    """A Valkey primary with two replicas; for one test."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"cache"}), regions=3)) as lab:
        yield lab


@pytest_asyncio.fixture
async def powered_caches(tmp_path: Path) -> AsyncIterator[Lab]:
    """A Valkey primary with its replica, and the power controller; for one test."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"cache", "power"}))) as lab:
        yield lab


@pytest_asyncio.fixture
async def named(tmp_path: Path) -> AsyncIterator[Lab]:
    """A lab's name server alone."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"dns"}))) as lab:
        yield lab


@pytest.fixture
def mute() -> Iterator[int]:
    """A port that takes connections and never says a word, as a hanging host's."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest_asyncio.fixture
async def queues(tmp_path: Path) -> AsyncIterator[Lab]:
    """A stream in one region, mirrored in the other; for one test."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"queue"}))) as lab:
        yield lab


@pytest_asyncio.fixture
async def powered_queues(tmp_path: Path) -> AsyncIterator[Lab]:
    """The same, with the power controller."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"queue", "power"}))) as lab:
        yield lab
