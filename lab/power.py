"""The power controller: `python -m lab.power --config FILE`.

It stands for the cloud's control plane, outside the regions: it switches a server off although nobody can reach the
server itself, and keeps it off. `PUT {"state": "off", "epoch": N}` answers when nothing of the server is left;
after `"on"` a cache or queue has booted, as a machine does.
"""

import asyncio
import hmac
import logging
from pathlib import Path
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, Field, ValidationError

from lab.errors import LabError
from lab.links import Links
from lab.processes import Processes
from lab.program import Config, Program, config_from_argv, python_program, say_ready, stop_signal
from lab.switches import StaleEpochError, Switch, Switches
from lab.topology import CACHE, QUEUE, Lab, write_atomically

_log = logging.getLogger(__name__)


class PowerConfig(Config):
    """Whose switches these are."""

    home: Path


def program(lab: Lab) -> Program:
    """Write the controller's configuration, and say how to start it."""
    file = lab.home / "config" / "power.json"
    write_atomically(file, PowerConfig(home=lab.home).model_dump_json() + "\n")
    return python_program("lab.power", file)


class _Wanted(BaseModel):
    state: Literal["on", "off"]
    epoch: int = Field(ge=0)


class PowerController:
    """The switches of a lab's databases, caches and queues, over HTTP."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._servers = lab.servers
        self._processes = Processes(lab)
        self._switches = Switches(lab.home)
        self._token = lab.secret("power.token").read_text().strip()

    def app(self) -> web.Application:
        """The web application."""
        app = web.Application(middlewares=[self._admit])
        app.router.add_get("/servers/{name}", self._get)
        app.router.add_put("/servers/{name}", self._put)
        return app

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return _error(401, "This call needs the power controller's token: Authorization: Bearer TOKEN.")
        if request.match_info.get("name") not in self._servers:
            return _error(404, f"There is no such server. Known are {', '.join(self._servers)}.")
        return await handler(request)

    async def _get(self, request: web.Request) -> web.Response:
        return _answer(self._switches.read(request.match_info["name"]))

    async def _put(self, request: web.Request) -> web.Response:
        try:
            wanted = _Wanted.model_validate_json(await request.read())
        except ValidationError as error:
            return _error(400, f'Send {{"state": "on" or "off", "epoch": N}}: {error.errors()[0]["msg"]}.')
        server = self._servers[request.match_info["name"]]
        if server.place in Links(self._lab.home).read().powerless:
            return _error(504, f"The machines of {server.place} cannot be reached: its links are cut.")
        try:
            # In a thread, since it waits for the lock and for processes to be gone.
            switch = await asyncio.to_thread(self._turn, request.match_info["name"], wanted)
        except StaleEpochError as error:
            return _error(409, str(error))
        if switch.state == "on":
            await self._boot(switch.name)
        return _answer(switch)

    def _turn(self, name: str, wanted: _Wanted) -> Switch:
        with self._switches.locked():
            switch = self._switches.set(name, wanted.state, wanted.epoch)
            if switch.state == "off":
                server = self._servers[name]
                self._processes.kill_server(server.place, server.process, server.folder)
            return switch

    async def _boot(self, name: str) -> None:
        """A machine that gets its power back starts its server: a queue that was left behind comes up fenced.

        A database is started by whoever knows what it is.
        """
        server = self._servers[name]
        region = self._lab.region(server.place)
        try:
            if server.process == CACHE and "cache" in self._lab.parts:
                from lab.cache import Caches  # noqa: PLC0415 - its clients take longer to import than all else here

                await Caches(self._lab).start(region)
            elif server.process == QUEUE and "queue" in self._lab.parts:
                from lab.queue import Queues  # noqa: PLC0415 - as above

                await Queues(self._lab).start(region)
        except LabError:  # it was switched off again meanwhile, or does not come up
            _log.exception("%s did not start", name)


def _answer(switch: Switch) -> web.Response:
    return web.json_response(switch.model_dump())


def _error(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


async def main() -> None:
    """Serve until told to stop."""
    lab = Lab.load(config_from_argv(PowerConfig, "lab.power").home)
    runner = web.AppRunner(PowerController(lab).app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stop = stop_signal()
    try:
        await web.TCPSite(runner, lab.power_address, lab.power_port).start()
        say_ready()
        await stop.wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
