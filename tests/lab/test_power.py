"""The power controller: proof that a server is off although nobody can reach it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from lab.manager import running
from lab.processes import Processes
from lab.regions import heal, kill
from lab.topology import Lab, LabSpec
from tests.lab.machine import PAIR, ask, processes_of

ACTIVE = "us-east-1"
SERVER = f"/servers/vector-db.{ACTIVE}"


@pytest_asyncio.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Lab]:
    """A pair with its power controller."""
    async with running(LabSpec(home=tmp_path / "lab", parts=PAIR)) as lab:
        yield lab


@pytest_asyncio.fixture
async def power(pair: Lab) -> AsyncIterator[httpx.AsyncClient]:
    """A client that knows the pair's controller's token."""
    async with _client(pair) as client:
        yield client


def _client(lab: Lab, token: str | None = None) -> httpx.AsyncClient:
    token = token or lab.secret("power.token").read_text().strip()
    return httpx.AsyncClient(base_url=lab.power, headers={"Authorization": f"Bearer {token}"})


async def test_off_kills_the_server_and_nothing_else(pair: Lab, power: httpx.AsyncClient) -> None:
    """When `off` is answered, no process of the server is left; the other server does not notice."""
    assert (await power.get(SERVER)).json() == {"name": f"vector-db.{ACTIVE}", "state": "on", "epoch": 0, "since": None}
    answer = await power.put(SERVER, json={"state": "off", "epoch": 3})
    off = {"name": f"vector-db.{ACTIVE}", "state": "off", "epoch": 3, "since": 3}
    assert (answer.status_code, answer.json()) == (200, off)
    assert processes_of(pair.pgdata(ACTIVE)) == []
    assert (await power.get(SERVER)).json()["state"] == "off"
    assert await ask(pair, "eu-west-1", "SELECT pg_is_in_recovery()") == [(True,)]


async def test_a_server_that_is_off_is_not_started_until_it_is_on(pair: Lab, power: httpx.AsyncClient) -> None:
    """`heal` leaves a fenced server off and says why; after `on` it starts it."""
    await kill(pair, ACTIVE)
    await power.put(SERVER, json={"state": "off", "epoch": 1})
    (told,) = await heal(pair, ACTIVE)
    assert "switched off by the power controller (epoch 1)" in told
    assert processes_of(pair.pgdata(ACTIVE)) == []
    await power.put(SERVER, json={"state": "on", "epoch": 2})
    assert await heal(pair, ACTIVE) == (f"vector-db.{ACTIVE} is up again as primary.",)


async def test_off_for_a_dead_server_is_answered_twice_alike(pair: Lab, power: httpx.AsyncClient) -> None:
    """Switching off what is dead is a proof too, and doing it again changes nothing."""
    await kill(pair, ACTIVE)
    first = await power.put(SERVER, json={"state": "off", "epoch": 1})
    second = await power.put(SERVER, json={"state": "off", "epoch": 1})
    assert (first.status_code, first.json()) == (second.status_code, second.json())


async def test_a_stale_epoch_is_refused_and_changes_nothing(pair: Lab, power: httpx.AsyncClient) -> None:
    """An older decision cannot undo a newer one."""
    await power.put(SERVER, json={"state": "on", "epoch": 8})
    answer = await power.put(SERVER, json={"state": "off", "epoch": 7})
    assert answer.status_code == httpx.codes.CONFLICT
    assert "epoch 8" in answer.json()["error"]
    assert Processes(pair).find(ACTIVE, "vector-db") is not None


async def test_what_cannot_be_understood_changes_nothing(tmp_path: Path) -> None:
    """A bad request is answered with a sentence; without the token nothing is done; an unknown server is a 404."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"power"}))) as lab, _client(lab) as power:
        for body in (
            b"",
            b"[]",
            b'{"state": "off"}',
            b'{"state": "maybe", "epoch": 1}',
            b'{"state": "off", "epoch": -1}',
        ):
            answer = await power.put(SERVER, content=body)
            assert answer.status_code == httpx.codes.BAD_REQUEST
            assert answer.json()["error"].startswith("Send ")
        async with _client(lab, token="guess") as stranger:
            answer = await stranger.put(SERVER, json={"state": "off", "epoch": 1})
            assert answer.status_code == httpx.codes.UNAUTHORIZED
        assert (await power.get("/servers/vector-db.mars")).status_code == httpx.codes.NOT_FOUND
        assert (await power.get(SERVER)).json()["state"] == "on"
