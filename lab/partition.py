"""Cuts a living region off from everything outside it, and joins it again.

Nothing in the region is harmed: its servers run, and its own clients are served. Nobody outside hears of it, nor it
of them: its edge carries nothing, the other edges carry nothing of its, and its vantage point, whose only business is
outside, is stopped.
"""

import asyncio
import signal
from contextlib import suppress

import psutil

from lab import edge
from lab.errors import EndedError, LabError
from lab.freezing import freeze, thaw
from lab.links import Cuts, Links
from lab.processes import Processes
from lab.topology import EDGE, VANTAGE, Lab, LabRegion
from lab.waiting import until

_WITHIN = 10.0


async def partition(lab: Lab, region: str, *, power: bool = True) -> None:
    """Cut it off; `power`: the power controller still reaches its machines. Raises NoRegionError, or LabError."""
    place = lab.region(region)
    if "edges" not in lab.parts:
        message = "This lab was brought up without edges, so its regions cannot be cut off. Bring up a new one."
        raise LabError(message)
    await _tell(lab, Links(lab.home).cut(place.name, power=power))
    freeze(Processes(lab).family(place.name, VANTAGE))


async def reconnect(lab: Lab, region: str) -> None:
    """Mend its links. Raises NoRegionError, or LabError."""
    place = lab.region(region)
    await _tell(lab, Links(lab.home).mend(place.name))
    thaw(Processes(lab).family(place.name, VANTAGE))


async def start_edge(lab: Lab, region: LabRegion) -> str:
    """Start the region's edge, unless it is up, and wait until it listens."""
    processes = Processes(lab)
    if processes.find(region.name, EDGE) is not None:
        return f"The edge of {region.name} is up already."
    processes.start(region.name, EDGE, edge.program(lab, region))

    async def why_not() -> str | None:
        if processes.find(region.name, EDGE) is None:
            raise EndedError(EDGE, region.name, processes.log_tail(region.name, EDGE))
        try:
            _, writer = await asyncio.open_connection(region.edge, lab.public_port)
        except OSError as error:
            return str(error)
        writer.close()
        return None

    await until(f"The edge of {region.name}", why_not, within=_WITHIN, every=0.02)
    return f"The edge of {region.name} is up."


async def _tell(lab: Lab, cuts: Cuts) -> None:
    """Every living edge has heeded the orders when this returns; one that starts later reads them by itself."""
    living = {}
    for region in lab.regions:
        process = Processes(lab).find(region.name, EDGE)
        if process is not None:
            living[region.name] = process

    async def why_not() -> str | None:
        late = [name for name in living if Links(lab.home).heeded(name) < cuts.version]
        for name in late:
            with suppress(psutil.NoSuchProcess):
                living[name].send_signal(signal.SIGHUP)
        return f"the edges of {', '.join(late)} have not heeded it" if late else None

    await until("The partition", why_not, within=_WITHIN, every=0.02)
