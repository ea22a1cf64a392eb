"""Starts the parts of a lab, side by side where one does not need the other."""

from collections.abc import Callable

import httpx

from lab import name_server, power
from lab.agents import Agents
from lab.cache import Caches
from lab.dns_config import answers
from lab.errors import EndedError
from lab.partition import start_edge
from lab.postgres import Databases
from lab.processes import Processes
from lab.queue import Queues
from lab.runbook import write_runbook
from lab.services import Services
from lab.topology import OUTSIDE, Lab, LabRegion
from lab.waiting import together, until

_READY_WITHIN = 30.0


class Builder:
    """Builds one lab from nothing."""

    def __init__(self, lab: Lab, say: Callable[[str], None]) -> None:
        self._lab = lab
        self._say = say
        self._processes = Processes(lab)

    async def build(self) -> None:
        """Start every part that was asked for, and wait until all are ready."""
        write_runbook(self._lab)
        if "edges" in self._lab.parts:  # the others find one another through them
            await together(*(start_edge(self._lab, region) for region in self._lab.regions))
        parts = {
            "postgres": self._databases,
            "queue": self._queues,
            "cache": self._caches,
            "power": self._power,
            "agents": self._agents,
            "dns": self._name_server,
            "inference": self._services,
        }
        await together(*(build() for part, build in parts.items() if part in self._lab.parts))
        if {"postgres", "agents"} <= self._lab.parts:
            await Agents(self._lab).back_up(self._lab.active)
        if {"postgres", "inference"} <= self._lab.parts:
            await together(*(Services(self._lab).healthy(region) for region in self._lab.regions))

    async def _databases(self) -> None:
        await Databases(self._lab).create()
        primary, *standbys = (region.name for region in self._lab.regions)
        how = "synchronously" if self._lab.mode == "synchronous" else "asynchronously"
        self._say(f"database: primary in {primary}, copied {how} to {', '.join(standbys)}")

    async def _queues(self) -> None:
        await Queues(self._lab).create()
        primary, *standbys = (region.name for region in self._lab.regions)
        self._say(f"queue: stream in {primary}, mirrored in {', '.join(standbys)}")

    async def _caches(self) -> None:
        await Caches(self._lab).create()
        primary, *standbys = (region.name for region in self._lab.regions)
        self._say(f"cache: primary in {primary}, copied asynchronously to {', '.join(standbys)}")

    async def _power(self) -> None:
        self._processes.start(OUTSIDE, "power", power.program(self._lab))
        token = self._lab.secret("power.token").read_text().strip()
        server = f"{self._lab.power}/servers/{self._lab.active.database}"
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=1.0) as client:

            async def why_not() -> str | None:
                self._must_live("power")
                try:
                    answer = await client.get(server)
                except httpx.HTTPError as error:
                    return f"{server}: {str(error) or type(error).__name__}"
                return None if answer.is_success else f"{server} answers {answer.status_code}"

            await until("The power controller", why_not, within=_READY_WITHIN, tail=lambda: self._tail("power"))
        self._say(f"power controller: {self._lab.power}")

    async def _agents(self) -> None:
        await together(*(Agents(self._lab).start(region) for region in self._lab.regions))
        self._say("database agents: one in each region, which rebuilds, copies and restores its database")

    async def _name_server(self) -> None:
        self._processes.start(OUTSIDE, "dns", name_server.program(self._lab))
        config = name_server.config(self._lab)

        async def why_not() -> str | None:
            self._must_live("dns")
            return None if await answers(config) else f"no answer for {config.zone} on {config.address}:{config.port}"

        await until("The name server", why_not, within=_READY_WITHIN, tail=lambda: self._tail("dns"))
        leads = " and ".join(region.name for region in self._lab.serving)
        where = f"{self._lab.dns_address}:{self._lab.dns_port} ({self._lab.dns})"
        self._say(f"name server: {where}, {self._lab.public_name} leads to {leads}")

    async def _services(self) -> None:
        services = Services(self._lab)

        async def start(region: LabRegion) -> None:
            ready = await services.start(region)
            self._say(f"inference: {ready} ready in {region.name}, http://{region.address}:{self._lab.public_port}")

        await together(*(start(region) for region in self._lab.regions))

    def _must_live(self, name: str) -> None:
        if self._processes.find(OUTSIDE, name) is None:
            raise EndedError(name, OUTSIDE, self._tail(name))

    def _tail(self, name: str) -> str:
        return self._processes.log_tail(OUTSIDE, name)
