"""How a lab stands, in values and in words (`look.py` asks)."""

from typing import Literal

from lab.topology import Lab
from runbooks.values import Model

_COLUMNS = ("REGION", "ADDRESS", "DATABASE", "CACHE", "QUEUE", "POWER", "REPLICAS", "HEALTH", "PUBLIC")


class RegionStatus(Model):
    """One region, as it answers now."""

    name: str
    address: str
    processes: int
    """How many of its registered processes live."""
    database: Literal["primary", "standby", "down"]
    timeline: int | None = None
    cache: str = "-"
    """`primary`, `standby`, `fenced`, `off`, `down`; `-` when the lab has none."""
    queue: str = "-"
    """Likewise."""
    power: Literal["on", "off"]
    """Of the database."""
    replicas_desired: int | None = None
    replicas_ready: int | None = None
    health: int | None = None
    """What /healthz answers; None when nothing does."""
    public: bool
    """The public name leads here."""


class LabStatus(Model):
    """A lab, as it answers now."""

    name: str
    home: str
    mode: str
    public_url: str
    public_addresses: tuple[str, ...]
    outside: tuple[str, ...]
    """The living processes outside the regions."""
    regions: tuple[RegionStatus, ...]
    cut: tuple[str, ...] = ()
    """The regions that are cut off from outside."""


def lab_text(lab: Lab, flags: str) -> str:
    """What a person needs to go on from a lab that is up."""
    active = lab.active.name
    return "\n".join(
        [
            "",
            f"The lab is up in {lab.home}",
            f"  runbook   {lab.runbook}",
            f"  public    {lab.public_url}  (name server {lab.dns_address}:{lab.dns_port})",
            f"  look      evac lab status{flags}",
            f"  use       evac lab load{flags}",
            f"  break     evac lab kill {active}{flags}",
            f"  cut off   evac lab partition {active}{flags}",
            f"  recover   evac failover {lab.runbook} --from {active}",
            f"  end       evac lab down{flags}",
        ]
    )


def status_text(status: LabStatus) -> str:
    """The regions in a table, and where the public name leads."""
    rows = [_COLUMNS, *(_row(region) for region in status.regions)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    leads = ", ".join(status.public_addresses) or "nowhere: the name server does not answer"
    outside = ", ".join(status.outside) or "nothing"
    cut = [f"cut off from outside: {', '.join(status.cut)}"] if status.cut else []
    return "\n".join([*table, "", *cut, f"{status.public_url} leads to {leads}", f"outside the regions: {outside}"])


def _row(region: RegionStatus) -> tuple[str, ...]:
    timeline = "" if region.timeline is None else f" (timeline {region.timeline})"
    group = "-" if region.replicas_desired is None else f"{region.replicas_ready}/{region.replicas_desired}"
    return (
        region.name,
        region.address,
        f"{region.database}{timeline}",
        region.cache,
        region.queue,
        region.power,
        group,
        "no answer" if region.health is None else str(region.health),
        "here" if region.public else "",
    )
