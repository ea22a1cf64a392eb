"""What can be done to a region: kill it as a whole, and bring its machines back."""

import asyncio

from lab.agents import Agents
from lab.cache import Caches
from lab.disk import role_on_disk
from lab.errors import SecondWriterError
from lab.killing import Killed
from lab.partition import start_edge
from lab.postgres import Databases
from lab.processes import Processes
from lab.queue import Queues
from lab.services import Services
from lab.switches import BarredError
from lab.topology import CACHE, DATABASE, SERVICE, Lab, LabRegion
from lab.vantage import heal_vantage
from lab.waiting import together


async def kill(lab: Lab, region: str) -> Killed:
    """SIGKILL at once to everything in the region; answers when nothing of it is left. Raises NoRegionError."""
    place = lab.region(region)
    return await asyncio.to_thread(Processes(lab).kill_place, place.name)


async def heal(lab: Lab, region: str) -> tuple[str, ...]:
    """Start the region's machines again, except a store that must not come back; says what was done.

    Raises NoRegionError, and LabError when a machine does not come up.
    """
    place = lab.region(region)
    heals = (_heal_database, _heal_cache, _heal_queue, _heal_agent, _heal_services)
    edge = await start_edge(lab, place) if "edges" in lab.parts else ""
    told = await together(*(heal_part(lab, place) for heal_part in heals))
    return tuple(sentence for sentence in (edge, *told, heal_vantage(lab, place)) if sentence)


async def _heal_database(lab: Lab, region: LabRegion) -> str:
    if "postgres" not in lab.parts:
        return ""
    if Processes(lab).find(region.name, DATABASE) is not None:
        return f"{region.database} is up already."
    try:
        await Databases(lab).start(region)
    except (BarredError, SecondWriterError) as error:
        return f"{region.database} was left off: {error}"
    return f"{region.database} is up again as {role_on_disk(lab.pgdata(region.name)).role}."


async def _heal_queue(lab: Lab, region: LabRegion) -> str:
    if "queue" not in lab.parts:
        return ""
    try:
        return await Queues(lab).start(region)
    except BarredError as error:
        return f"{region.queue} was left off: {error}"


async def _heal_cache(lab: Lab, region: LabRegion) -> str:
    if "cache" not in lab.parts:
        return ""
    if Processes(lab).find(region.name, CACHE) is not None:
        return f"{region.cache} is up already."
    try:
        return await Caches(lab).start(region)
    except BarredError as error:
        return f"{region.cache} was left off: {error}"


async def _heal_agent(lab: Lab, region: LabRegion) -> str:
    return await Agents(lab).heal(region) if "agents" in lab.parts else ""


async def _heal_services(lab: Lab, region: LabRegion) -> str:
    if "inference" not in lab.parts:
        return ""
    if Processes(lab).find(region.name, SERVICE) is not None:
        return f"{SERVICE} in {region.name} is up already."
    size = await Services(lab).start(region)
    return f"{SERVICE} in {region.name} is up again with {size} replica{'' if size == 1 else 's'}."
