"""A region's database agent, over HTTP, as an activity asks it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio

from lab.agents import Agents
from lab.disk import role_on_disk
from lab.manager import running
from lab.regions import heal, kill
from lab.switches import Switches
from lab.topology import APP, Lab, LabSpec
from tests.lab.machine import PAIR, ask, processes_of
from tests.lab.started import until

ACTIVE, STANDBY = "us-east-1", "eu-west-1"
MACHINES = PAIR | {"agents"}


@pytest_asyncio.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Lab]:
    """A synchronous pair with its agents."""
    async with running(LabSpec(home=tmp_path / "lab", parts=MACHINES)) as lab:
        yield lab


async def get(lab: Lab, region: str) -> dict[str, Any]:
    """How the agent says it stands."""
    async with Agents(lab).client() as client:
        answer = await client.get(f"{lab.region(region).database_agent}/database")
        return dict(answer.raise_for_status().json())


async def put(lab: Lab, region: str, **order: Any) -> httpx.Response:
    """Order something."""
    async with Agents(lab).client() as client:
        return await client.put(f"{lab.region(region).database_agent}/database", json=order)


async def done(lab: Lab, region: str, **order: Any) -> dict[str, Any]:
    """Order something, and how it ended."""
    assert (await put(lab, region, **order)).status_code == 202
    while (state := await get(lab, region))["busy"]:
        await asyncio.sleep(0.02)
    return state


def upstream(lab: Lab, region: str) -> dict[str, Any]:
    """The server that is to be followed."""
    return {"host": lab.region(region).address, "port": lab.region(region).postgres_port}


async def test_an_agent_dies_and_comes_back_with_its_region(pair: Lab) -> None:
    """Nothing is left of it while the region is dead; a newer decision is remembered afterwards."""
    assert (await get(pair, STANDBY))["role"] == "standby"
    assert "already" in (await done(pair, STANDBY, state="follow", upstream=upstream(pair, ACTIVE), epoch=5))["result"]
    await kill(pair, STANDBY)
    assert [line for line in processes_of(pair.home) if "eu-west-1.database" in line] == []
    await heal(pair, STANDBY)
    stale = await put(pair, STANDBY, state="follow", upstream=upstream(pair, ACTIVE), epoch=4)
    assert (stale.status_code, "Epoch 4 is stale" in stale.text) == (409, True)


async def test_a_former_primary_is_shown_to_its_administrator_alone(pair: Lab) -> None:
    """Beside its successor, and never a second writer: the application cannot log in; then it follows."""
    await ask(pair, ACTIVE, "CREATE TABLE written (n int)")
    await kill(pair, ACTIVE)
    await ask(pair, STANDBY, "SELECT pg_promote()")
    await heal(pair, ACTIVE)
    assert (await get(pair, ACTIVE))["up"] is False
    state = await done(pair, ACTIVE, state="isolated", epoch=1)
    assert (state["up"], state["error"]) == (True, None)
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        await psycopg.AsyncConnection.connect(pair.dsn(ACTIVE, APP))
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await ask(pair, ACTIVE, "INSERT INTO written VALUES (1)")
    assert "already" in (await done(pair, ACTIVE, state="isolated", epoch=1))["result"]
    state = await done(pair, ACTIVE, state="follow", upstream=upstream(pair, STANDBY), epoch=1)
    assert "rewound" in state["result"]
    assert role_on_disk(pair.pgdata(ACTIVE)).model_dump() == {"role": "standby", "timeline": 2}

    async def answers() -> bool:
        async with await psycopg.AsyncConnection.connect(pair.dsn(ACTIVE, APP)):
            return True

    await until(answers)


async def test_it_never_makes_a_second_writer(pair: Lab) -> None:
    """A primary that takes writes is neither rebuilt nor isolated; what is switched off stays off."""
    for order in ({"state": "isolated"}, {"state": "follow", "upstream": upstream(pair, STANDBY)}):
        state = await done(pair, ACTIVE, **order, epoch=1)
        assert state["refused"] is True
    await kill(pair, ACTIVE)
    await ask(pair, STANDBY, "SELECT pg_promote()")
    await heal(pair, ACTIVE)
    Switches(pair.home).set(pair.region(ACTIVE).database, "off", 1)
    state = await done(pair, ACTIVE, state="isolated", epoch=1)
    assert "was switched off by the power controller" in state["error"]


async def test_it_wants_its_token(pair: Lab) -> None:
    """Nobody else is answered."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{pair.region(ACTIVE).database_agent}/database")
    assert answer.status_code == 401
