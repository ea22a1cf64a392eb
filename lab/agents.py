"""The database agents of the regions: started with them, and dead with them."""

import httpx

from lab import database_agent
from lab.errors import EndedError
from lab.processes import Processes
from lab.topology import Lab, LabRegion
from lab.waiting import until

AGENT = "database-agent"
_READY_WITHIN = 30.0


class Agents:
    """The database agents of one lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._processes = Processes(lab)

    async def start(self, region: LabRegion) -> None:
        """Start the region's agent, and wait until it answers. Raises LabError."""
        self._processes.start(region.name, AGENT, database_agent.program(self._lab, region))
        async with self.client() as client:

            async def why_not() -> str | None:
                if self._processes.find(region.name, AGENT) is None:
                    raise EndedError(AGENT, region.name, self._tail(region))
                try:
                    answer = await client.get(f"{region.database_agent}/database")
                except httpx.HTTPError as error:
                    return f"it does not answer ({type(error).__name__})"
                return None if answer.is_success else f"it answers {answer.status_code}"

            what = f"The database agent in {region.name}"
            await until(what, why_not, within=_READY_WITHIN, every=0.05, tail=lambda: self._tail(region))

    async def heal(self, region: LabRegion) -> str:
        """Start it again, unless it is up; the sentence for people."""
        if self._processes.find(region.name, AGENT) is not None:
            return f"The database agent in {region.name} is up already."
        await self.start(region)
        return f"The database agent in {region.name} is up again."

    async def back_up(self, region: LabRegion) -> None:
        """Have a backup taken, and do not wait for it."""
        async with self.client() as client:
            (await client.post(f"{region.database_agent}/backups")).raise_for_status()

    def client(self) -> httpx.AsyncClient:
        """An HTTP client that may give orders."""
        token = self._lab.secret("database.token").read_text().strip()
        return httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=2.0)

    def _tail(self, region: LabRegion) -> str:
        return self._processes.log_tail(region.name, AGENT)
