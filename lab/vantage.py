"""A region's vantage point of Evac: it dies with its region, and comes back with it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from lab.processes import Processes
from lab.topology import VANTAGE, Lab, LabRegion, write_atomically

EVAC = str(Path(sys.executable).parent / "evac")


def start_vantage(lab: Lab, region: LabRegion, environment: Mapping[str, str]) -> None:
    """Start the region's vantage point; it waits for Temporal by itself. It is remembered for when it is healed."""
    write_atomically(_file(lab, region), json.dumps(dict(environment)) + "\n")
    Processes(lab).spawn(region.name, VANTAGE, [EVAC, "worker", "--vantage", region.name], env=environment)


def heal_vantage(lab: Lab, region: LabRegion) -> str:
    """Start it again if the region had one; the sentence for people."""
    try:
        environment = json.loads(_file(lab, region).read_text())
    except FileNotFoundError:
        return ""
    if Processes(lab).find(region.name, VANTAGE) is not None:
        return f"Evac's vantage point in {region.name} is up already."
    start_vantage(lab, region, environment)
    return f"Evac's vantage point in {region.name} is up again."


def _file(lab: Lab, region: LabRegion) -> Path:
    return lab.home / "config" / f"{region.name}.vantage.json"
