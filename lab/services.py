"""The inference service of each region: its agent, which starts and keeps the replicas."""

import httpx

from lab.errors import EndedError
from lab.group_agent import AgentConfig
from lab.inference import InferenceConfig
from lab.processes import Processes
from lab.program import Program, python_program
from lab.service_cache import CacheConfig
from lab.service_database import DatabaseConfig
from lab.service_queue import QueueConfig
from lab.topology import APP, CACHE, DBNAME, QUEUE_APP, ROW_EVENTS, SERVICE, Lab, LabRegion, write_atomically
from lab.waiting import until

_READY_WITHIN = 30.0


class Services:
    """The inference services of one lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._processes = Processes(lab)

    async def start(self, region: LabRegion) -> int:
        """Start the region's agent, wait until its group is complete; how many replicas that is."""
        self._processes.start(region.name, SERVICE, self._program(region))
        token = self._lab.secret("agent.token").read_text().strip()
        size = 0
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=1.0) as client:

            async def why_not() -> str | None:
                nonlocal size
                if self._processes.find(region.name, SERVICE) is None:
                    raise EndedError(SERVICE, region.name, self._tail(region))
                try:
                    group = (await client.get(f"{region.agent}/group")).raise_for_status().json()
                except httpx.HTTPError as error:
                    return f"its agent at {region.agent} does not answer ({type(error).__name__})"
                size = group["desired"]
                return None if group["ready"] >= size else f"{group['ready']} of {size} replicas are ready"

            what = f"The inference service in {region.name}"
            await until(what, why_not, within=_READY_WITHIN, tail=lambda: self._tail(region))
        return size

    async def healthy(self, region: LabRegion) -> None:
        """Wait until the region's service answers that it can serve."""
        url = f"http://{region.address}:{self._lab.public_port}/healthz"
        async with httpx.AsyncClient(timeout=1.0) as client:

            async def why_not() -> str | None:
                try:
                    answer = await client.get(url)
                except httpx.HTTPError as error:
                    return f"{url}: {type(error).__name__}"
                return None if answer.is_success else f"{url} answers {answer.status_code}: {answer.text}"

            what = f"The inference service in {region.name}"
            await until(what, why_not, within=_READY_WITHIN, tail=lambda: self._tail(region))

    def _program(self, region: LabRegion) -> Program:
        service = InferenceConfig(
            region=region.name,
            address=region.address,
            port=self._lab.public_port,
            model=self._lab.model,
            database=DatabaseConfig(
                host=region.address,
                port=region.postgres_port,
                dbname=DBNAME,
                user=APP,
                password_file=self._lab.secret(f"{APP}.password"),
            ),
            cache=self._cache(region),
            queue=self._queue(region),
            peers=self._peers(region),
        )
        folder = self._lab.home / "config"
        agent = AgentConfig(
            address=region.address,
            port=region.agent_port,
            token_file=self._lab.secret("agent.token"),
            state_file=folder / f"{region.name}.group.json",
            service=folder / f"{region.name}.inference.json",
            desired=region.replicas,
        )
        file = folder / f"{region.name}.agent.json"
        write_atomically(agent.service, service.model_dump_json() + "\n")
        write_atomically(file, agent.model_dump_json() + "\n")
        return python_program("lab.group_agent", file)

    def _cache(self, region: LabRegion) -> CacheConfig | None:
        if "cache" not in self._lab.parts:
            return None
        password = self._lab.secret(f"{CACHE}.password")
        return CacheConfig(host=region.address, port=region.cache_port, password_file=password)

    def _queue(self, region: LabRegion) -> QueueConfig | None:
        if "queue" not in self._lab.parts:
            return None
        return QueueConfig(
            host=region.address,
            port=region.queue_port,
            domain=region.name,
            user=QUEUE_APP,
            password_file=self._lab.secret(f"{QUEUE_APP}.password"),
            subject=ROW_EVENTS,
        )

    def _peers(self, region: LabRegion) -> tuple[str, ...]:
        """Where writes may be passed on to; where one region serves at a time, nobody has to."""
        if self._lab.topology != "active-active":
            return ()
        return tuple(f"http://{peer.edge}:{self._lab.public_port}" for peer in self._lab.regions if peer != region)

    def _tail(self, region: LabRegion) -> str:
        return self._processes.log_tail(region.name, SERVICE)
