import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from lab.group_agent import AgentConfig
from lab.inference import InferenceConfig
from lab.service_database import DatabaseConfig
from tests.lab.started import free_port, serving, stopped, until

TOKEN = "a-token-of-the-test"


@dataclass
class Region:
    """A region's agent over replicas without a model; there is no database, which they do not need to be ready."""

    home: Path
    public_port: int = field(default_factory=free_port)
    agent_port: int = field(default_factory=free_port)

    def config_file(self, desired: int = 0) -> Path:
        """Write the configurations; the agent's."""
        token = self.home / "token"
        token.write_text(TOKEN + "\n")
        service = InferenceConfig(
            region="here",
            address="127.0.0.1",
            port=self.public_port,
            model=False,
            database=DatabaseConfig(host="127.0.0.1", port=free_port()),
        )
        agent = AgentConfig(
            address="127.0.0.1",
            port=self.agent_port,
            token_file=token,
            state_file=self.home / "group.json",
            service=self.home / "service.json",
            desired=desired,
        )
        agent.service.write_text(service.model_dump_json())
        path = self.home / "agent.json"
        path.write_text(agent.model_dump_json())
        return path


@dataclass
class Caller:
    """Somebody who knows the token (or another one)."""

    region: Region
    session: aiohttp.ClientSession

    async def call(self, method: str, body: Any = None, token: str | None = TOKEN) -> tuple[int, Any]:
        """The answer's status and JSON."""
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        url = f"http://127.0.0.1:{self.region.agent_port}/group"
        async with self.session.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def order(self, desired: int, epoch: int) -> int:
        """The status of a PUT."""
        return (await self.call("PUT", {"desired": desired, "epoch": epoch}))[0]

    async def until_ready(self, count: int) -> None:
        """Wait until exactly so many replicas are ready."""

        async def enough() -> bool:
            return bool((await self.call("GET"))[1]["ready"] == count)

        await until(enough)

    async def region_answers(self) -> bool:
        """Whether a replica answers on the public port, on a new connection."""
        try:
            async with self.session.get(f"http://127.0.0.1:{self.region.public_port}/healthz") as response:
                return bool((await response.json())["region"] == "here")
        except aiohttp.ClientError:
            return False


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    """A caller of a region whose agent is yet to be started."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Caller(Region(tmp_path), session)


@pytest.fixture
async def agent(caller: Caller) -> AsyncIterator[asyncio.subprocess.Process]:
    """The running agent of an empty group."""
    async with serving("lab.group_agent", caller.region.config_file()) as process:
        yield process


def replicas(agent: asyncio.subprocess.Process) -> list[psutil.Process]:
    """The agent's living children, oldest first."""
    return sorted(psutil.Process(agent.pid).children(), key=lambda child: child.pid)


async def test_the_group_grows_and_shrinks_on_order(caller: Caller, agent: asyncio.subprocess.Process) -> None:
    """Ordered replicas come to serve, and those that are too much end, newest first."""
    assert await caller.call("GET") == (200, {"desired": 0, "ready": 0, "epoch": 0})
    assert await caller.call("PUT", {"desired": 2, "epoch": 3}) == (200, {"desired": 2, "ready": 0, "epoch": 3})
    await caller.until_ready(2)
    assert await caller.region_answers()
    oldest, newest = replicas(agent)
    assert await caller.order(1, 3) == 200
    await until(lambda: all_gone([newest]))
    assert await caller.call("GET") == (200, {"desired": 1, "ready": 1, "epoch": 3})
    assert [child.pid for child in replicas(agent)] == [oldest.pid]


async def all_gone(processes: list[psutil.Process]) -> bool:
    """Whether nothing of them is left."""
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", "tökén"])
@pytest.mark.usefixtures("agent")
async def test_whoever_does_not_know_the_token_is_refused(caller: Caller, token: str | None) -> None:
    """Without the right token neither a look nor an order is answered, and nothing changes."""
    assert (await caller.call("GET", token=token))[0] == 401
    assert (await caller.call("PUT", {"desired": 1, "epoch": 1}, token=token))[0] == 401
    assert await caller.call("GET") == (200, {"desired": 0, "ready": 0, "epoch": 0})


@pytest.mark.parametrize(
    "body",
    [{"desired": -1, "epoch": 1}, {"desired": 1}, {"desired": "1", "epoch": 1}, {"desired": 999, "epoch": 1}, []],
)
@pytest.mark.usefixtures("agent")
async def test_an_order_that_makes_no_sense_is_refused(caller: Caller, body: Any) -> None:
    """A body that is no order is answered with 400 and a sentence, and nothing changes."""
    status, answer = await caller.call("PUT", body)
    assert status == 400
    assert answer["error"].startswith("The body must be")
    assert await caller.call("GET") == (200, {"desired": 0, "ready": 0, "epoch": 0})


async def test_a_stale_epoch_is_refused_even_after_a_restart(caller: Caller) -> None:
    """An order older than the newest one seen is answered with 409, also by an agent that was killed meanwhile."""
    file = caller.region.config_file()
    async with serving("lab.group_agent", file) as agent:
        assert await caller.order(1, 7) == 200
        status, answer = await caller.call("PUT", {"desired": 2, "epoch": 6})
        assert (status, answer) == (409, {"error": "Epoch 6 is stale: epoch 7 has been carried out."})
        await stopped(agent, signal.SIGKILL)
    async with serving("lab.group_agent", file):
        assert await caller.order(2, 6) == 409
        assert (await caller.call("GET"))[1]["desired"] == 1
        await caller.until_ready(1)
        assert await caller.order(0, 7) == 200


async def test_a_dead_replica_is_replaced_while_the_other_serves(
    caller: Caller, agent: asyncio.subprocess.Process
) -> None:
    """A killed replica leaves the count of the ready at once and comes back; new connections reach the living one."""
    assert await caller.order(2, 1) == 200
    await caller.until_ready(2)
    victim = replicas(agent)[0]
    victim.kill()
    await caller.until_ready(1)
    assert all([await caller.region_answers() for _ in range(20)])
    await caller.until_ready(2)
    assert victim.pid not in {child.pid for child in replicas(agent)}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
async def test_replicas_end_with_their_agent(
    caller: Caller, agent: asyncio.subprocess.Process, number: signal.Signals
) -> None:
    """However the agent ends, no replica outlives it."""
    assert await caller.order(2, 1) == 200
    await caller.until_ready(2)
    children = replicas(agent)
    assert await stopped(agent, number) == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    await until(lambda: all_gone(children))
    assert not await caller.region_answers()


async def test_replicas_that_cannot_start_do_not_stop_the_agent(caller: Caller) -> None:
    """While its replicas fail at once the agent says that none is ready, and follows the next order."""
    file = caller.region.config_file(desired=2)
    (caller.region.home / "service.json").write_text("{}")
    async with serving("lab.group_agent", file) as agent:
        seen: set[int] = set()

        async def tried_often() -> bool:
            seen.update(child.pid for child in replicas(agent))
            return len(seen) > 2

        await until(tried_often)
        assert await caller.call("GET") == (200, {"desired": 2, "ready": 0, "epoch": 0})
        assert await caller.order(0, 1) == 200
        assert await stopped(agent) == 0
