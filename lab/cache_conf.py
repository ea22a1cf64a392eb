"""What the lab's Valkey servers are told, and what their files say while they are down.

Valkey rewrites its own file (`CONFIG REWRITE`): after a promotion, a fence or a reseed it says what was done.
"""

from pathlib import Path
from typing import Literal

from activities.clients.valkey_state import FENCED_AT, NOT_KEPT
from lab.processes import Processes
from lab.switches import Switches
from lab.topology import CACHE, Lab, LabRegion, write_atomically

Role = Literal["primary", "replica", "isolated", "absent"]

_CONF = """\
# Evac's lab
bind {address}
port {port}
dir "{folder}"
requirepass "{password}"
primaryauth "{password}"
replica-announce-ip {edge}
replica-announce-port {port}
# Its environment must stay readable: it says whose it is.
set-proc-title no
always-show-logo no
save ""
appendonly yes
appendfsync everysec
maxmemory 64mb
# What was acknowledged is not thrown away.
maxmemory-policy noeviction
repl-diskless-sync-delay 0
repl-ping-replica-period 1
repl-timeout 5
"""


def conf(lab: Lab, region: LabRegion, primary: LabRegion | None) -> str:
    """The file of a new cache; `primary` is the one that it follows."""
    text = _CONF.format(
        address=region.address,
        edge=region.edge,
        port=region.cache_port,
        folder=lab.cache_folder(region.name),
        password=lab.password(CACHE),
    )
    return text if primary is None else f"{text}replicaof {primary.edge} {primary.cache_port}\n"


def conf_file(lab: Lab, region: LabRegion) -> Path:
    """Where it is."""
    return lab.cache_folder(region.name) / "valkey.conf"


def disk_role(lab: Lab, region: LabRegion) -> Role:
    """What a cache would be if it were started now."""
    try:
        lines = conf_file(lab, region).read_text().splitlines()
    except FileNotFoundError:
        return "absent"
    said = dict(line.split(" ", 1) for line in lines if " " in line and not line.startswith("#"))
    if "replicaof" in said:
        return "replica"
    return "isolated" if int(said.get("min-replicas-to-write", "0").split()[0]) >= FENCED_AT - NOT_KEPT else "primary"


def why_isolated(lab: Lab, region: LabRegion) -> str | None:
    """Why the region's cache, started as it is, might be a second writer, or None.

    A promotion is in the promoted cache's own file. Of two that would both be primary, the one that runs has
    the right, else the one whose file was written last; one that is switched off has none.
    """
    if disk_role(lab, region) != "primary":
        return None
    switches = Switches(lab.home)
    for other in lab.regions:
        if other.name == region.name or switches.read(other.cache).state == "off":
            continue
        if disk_role(lab, other) == "primary" and (_runs(lab, other) or _written(lab, other) > _written(lab, region)):
            return f"{other.cache} was promoted: {region.cache} would be a second writer"
    return None


def _runs(lab: Lab, region: LabRegion) -> bool:
    return Processes(lab).find(region.name, CACHE) is not None


def _written(lab: Lab, region: LabRegion) -> int:
    return conf_file(lab, region).stat().st_mtime_ns


def fence_on_disk(lab: Lab, region: LabRegion) -> None:
    """Have the cache refuse every write when it starts."""
    file = conf_file(lab, region)
    write_atomically(file, f"{file.read_text()}\nmin-replicas-to-write {FENCED_AT}\n", mode=0o600)
