"""A region's agent: sizes the region's group of inference replicas on request, over HTTP.

    GET /group                              -> 200 {"desired": 2, "ready": 2, "epoch": 7}
    PUT /group {"desired": 3, "epoch": 8}   -> 200 the same form; 409 when a higher epoch has been seen

Every request carries `Authorization: Bearer TOKEN`. Size and epoch are kept in a file: a restarted agent brings its
group back to its size and still refuses what is stale. When the agent dies, its replicas die with it.

`python -m lab.group_agent --config FILE`.
"""

import asyncio
import hmac
import json
import logging
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lab.program import Config, config_from_argv, python_program, say_ready, stop_signal, write_durably
from lab.replicas import ReplicaGroup

LOG = logging.getLogger(__name__)
LARGEST = 32


class AgentConfig(Config):
    """One agent. `service` is the configuration file of `lab.inference` that every replica is started with."""

    address: str
    port: int = Field(ge=1, le=65535)
    token_file: Path
    state_file: Path
    service: Path
    desired: int = Field(default=0, ge=0, le=LARGEST)
    """The size when there is no state file yet."""


class Order(BaseModel):
    """What is wanted, and the epoch of the decision behind it."""

    model_config = ConfigDict(frozen=True, strict=True)

    desired: int = Field(ge=0, le=LARGEST)
    epoch: int = Field(ge=0)


class Agent:
    """The group and the newest order that it follows."""

    def __init__(self, config: AgentConfig) -> None:
        self._state_file = config.state_file
        self._token = config.token_file.read_text().strip()
        self._order = self._kept() or Order(desired=config.desired, epoch=0)
        self.group = ReplicaGroup(python_program("lab.inference", config.service).argv)

    def start(self) -> None:
        """Bring the group to its size."""
        self.group.resize(self._order.desired)

    async def get(self, _request: web.Request) -> web.Response:
        """The group as it is."""
        return self._answer()

    async def put(self, request: web.Request) -> web.Response:
        """Follow a new order, unless a newer one has been followed. It is on disk before it is answered."""
        try:
            order = Order.model_validate(await request.json())
        except (json.JSONDecodeError, UnicodeDecodeError, ValidationError) as error:
            return _fault(400, f'The body must be {{"desired": 0..{LARGEST}, "epoch": 0..}}: {error}')
        if order.epoch < self._order.epoch:
            return _fault(409, f"Epoch {order.epoch} is stale: epoch {self._order.epoch} has been carried out.")
        if order != self._order:
            write_durably(self._state_file, order.model_dump_json())
            LOG.info("ordered: %s", order)
        self._order = order
        self.group.resize(order.desired)
        return self._answer()

    @web.middleware
    async def authenticate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse whoever does not know the token."""
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            return _fault(401, "The bearer token is missing or wrong.")
        return await handler(request)

    def _answer(self) -> web.Response:
        body = {"desired": self._order.desired, "ready": self.group.ready, "epoch": self._order.epoch}
        return web.json_response(body)

    def _kept(self) -> Order | None:
        try:
            return Order.model_validate_json(self._state_file.read_text())
        except FileNotFoundError:
            return None


def _fault(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


async def serve(config: AgentConfig, stop: asyncio.Event) -> None:
    """Serve, and keep the group alive, until `stop` is set; then stop the replicas."""
    agent = Agent(config)
    app = web.Application(middlewares=[agent.authenticate])
    app.add_routes([web.get("/group", agent.get), web.put("/group", agent.put)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, config.address, config.port).start()
        agent.start()
        say_ready()
        await stop.wait()
    finally:
        await runner.cleanup()
        await agent.group.stop()


async def main() -> None:
    """Serve until SIGTERM."""
    config = config_from_argv(AgentConfig, "lab.group_agent")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    await serve(config, stop_signal())


if __name__ == "__main__":
    asyncio.run(main())
