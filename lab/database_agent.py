"""A region's database agent: what Patroni's REST API or a cloud's control plane does on that machine.

    GET /database                                                      -> 200: how it stands, and what is being done
    PUT /database {"state": "follow", "upstream": {...}, "epoch": 8}   -> 202: it becomes a standby of that server
    PUT /database {"state": "isolated", "epoch": 8}                    -> 202: a former primary, for its administrator
    PUT /database {"state": "run", "epoch": 8}                         -> 202: it is started as what it is
    GET /wal?timeline=1&after=0/3480E00                                -> 200: which transactions were committed then

Every request carries `Authorization: Bearer TOKEN`. An order is answered when it is accepted, and done in the
background: `busy`, `progress`, `result` and `error` tell how far it is. The highest epoch is kept in a file: 409 for
an older one, also after a restart. While another order is being carried out: 503. The power switch is respected.

`python -m lab.database_agent --config FILE`.
"""

import asyncio
import json
import logging
from functools import partial
from pathlib import Path
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lab.background import Background, Work
from lab.database_copies import Copies
from lab.database_look import Upstream
from lab.disk import rebuilding, role_on_disk
from lab.follow import Follower
from lab.http_app import authenticated, fault
from lab.isolate import isolate
from lab.postgres_programs import Say
from lab.postgres_servers import Servers
from lab.program import Config, Program, config_from_argv, python_program, say_ready, stop_signal, write_durably
from lab.topology import Lab, LabRegion, write_atomically
from lab.wal import LogQuestion, commits_after

LOG = logging.getLogger(__name__)


class DatabaseAgentConfig(Config):
    """Which region's it is."""

    home: Path
    region: str


class Order(BaseModel):
    """What is wanted, and the epoch of the decision behind it."""

    model_config = ConfigDict(frozen=True)

    state: Literal["follow", "isolated", "run"]
    upstream: Upstream | None = None
    epoch: int = Field(ge=0)


def program(lab: Lab, region: LabRegion) -> Program:
    """Write the agent's configuration, and say how to start it."""
    file = lab.home / "config" / f"{region.name}.database.json"
    write_atomically(file, DatabaseAgentConfig(home=lab.home, region=region.name).model_dump_json() + "\n")
    return python_program("lab.database_agent", file)


class Agent:
    """One region's server, and the newest order about it."""

    def __init__(self, lab: Lab, region: LabRegion) -> None:
        self._lab = lab
        self._region = region
        self._file = lab.home / "config" / f"{region.name}.database.state.json"
        self._order = self._kept()
        self.work = Background()

    async def get(self, _request: web.Request) -> web.Response:
        """How it stands."""
        return self._answer(200)

    async def put(self, request: web.Request) -> web.Response:
        """Begin what is ordered, unless a newer decision has been followed. The epoch is on disk before the answer."""
        try:
            order = Order.model_validate(await request.json())
        except (json.JSONDecodeError, UnicodeDecodeError, ValidationError) as error:
            return fault(
                400, f'The body must be {{"state": "follow", "isolated" or "run", "epoch": 0.., ...}}: {error}'
            )
        if order.state == "follow" and order.upstream is None:
            return fault(400, "Say whom it is to follow: `upstream`.")
        before = self._order
        if before is not None and order.epoch < before.epoch:
            return fault(409, f"Epoch {order.epoch} is stale: epoch {before.epoch} has been carried out.")
        if self.work.busy:
            same = before is not None and (order.state, order.upstream) == (before.state, before.upstream)
            return self._answer(202) if same else fault(503, f"Another order is being carried out: {before}.")
        write_durably(self._file, order.model_dump_json())
        LOG.info("ordered: %s", order)
        self._order = order
        self.work.begin(self._work(order))
        return self._answer(202)

    async def wal(self, request: web.Request) -> web.Response:
        """What was committed behind a point of the log."""
        try:
            question = LogQuestion.model_validate(dict(request.query))
        except ValidationError as error:
            return fault(400, f"Say `timeline` and `after`: {error.errors()[0]['msg']}.")
        return web.json_response(await commits_after(self._lab, self._region, question))

    def _work(self, order: Order) -> Work:
        if order.upstream is not None and order.state == "follow":
            upstream = order.upstream
            return lambda say: Follower(self._lab, self._region, say).follow(upstream)
        if order.state == "run":
            return self._start
        return partial(isolate, self._lab, self._region, order.epoch)

    async def _start(self, _say: Say) -> str:
        servers = Servers(self._lab)
        if servers.up(self._region):
            return "It is up already."
        await servers.start(self._region)
        return "It is up again."

    def _answer(self, status: int) -> web.Response:
        pgdata = self._lab.pgdata(self._region.name)
        body = {
            "name": self._region.database,
            "up": Servers(self._lab).up(self._region),
            **role_on_disk(pgdata).model_dump(),
            "half_rebuilt": rebuilding(pgdata).exists(),
            "state": self._order.state if self._order else None,
            "epoch": self._order.epoch if self._order else 0,
            **self.work.answer(),
        }
        return web.json_response(body, status=status)

    def _kept(self) -> Order | None:
        try:
            return Order.model_validate_json(self._file.read_text())
        except FileNotFoundError:
            return None


async def main() -> None:
    """Serve until SIGTERM."""
    config = config_from_argv(DatabaseAgentConfig, "lab.database_agent")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    lab = Lab.load(config.home)
    region = lab.region(config.region)
    agent, copies = Agent(lab, region), Copies(lab, region)
    app = authenticated(lab.secret("database.token").read_text().strip())
    app.add_routes([web.get("/database", agent.get), web.put("/database", agent.put), web.get("/wal", agent.wal)])
    app.add_routes(copies.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stop = stop_signal()
    try:
        await web.TCPSite(runner, region.address, region.database_agent_port).start()
        say_ready()
        await stop.wait()
    finally:
        await runner.cleanup()
        await agent.work.end()
        await copies.end()


if __name__ == "__main__":
    asyncio.run(main())
