"""How a lab stands: asked of its parts, not of its files. Whoever does not answer is down."""

import asyncio
from typing import Literal

import dns.asyncquery
import dns.exception
import dns.message
import dns.rdatatype
import httpx
import psycopg

from lab.links import Links
from lab.processes import Processes
from lab.status import LabStatus, RegionStatus
from lab.stores import standing, stores
from lab.switches import Switches
from lab.topology import CACHE, OUTSIDE, QUEUE, Lab, LabRegion

_PATIENCE = 2.0

# The control file of a server that was promoted a moment ago still names the old timeline; its WAL does not.
_LOOK = """
SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
  ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END
"""


async def status(lab: Lab) -> LabStatus:
    """Ask every part, all at once, and wait for none longer than two seconds."""
    addresses = await public_addresses(lab)
    regions = await asyncio.gather(*(_region(lab, region, addresses) for region in lab.regions))
    return LabStatus(
        name=lab.name,
        home=str(lab.home),
        mode=lab.mode,
        public_url=lab.public_url,
        public_addresses=addresses,
        outside=tuple(entry.name for entry in Processes(lab).entries(OUTSIDE) if entry.process()),
        regions=tuple(regions),
        cut=Links(lab.home).read().cut,
    )


async def public_addresses(lab: Lab) -> tuple[str, ...]:
    """Where the public name leads now, as the lab's name server says; empty when it does not answer."""
    query = dns.message.make_query(lab.public_name, dns.rdatatype.A)
    try:
        # Over TCP, since a port where nobody listens refuses at once there and is silent over UDP.
        answer = await dns.asyncquery.tcp(query, lab.dns_address, timeout=_PATIENCE, port=lab.dns_port)
    except (OSError, EOFError, dns.exception.DNSException):
        return ()
    return tuple(sorted(record.to_text() for rrset in answer.answer for record in rrset))


async def _region(lab: Lab, region: LabRegion, public: tuple[str, ...]) -> RegionStatus:
    (role, timeline), cache, queue, group, health = await asyncio.gather(
        _database(lab, region),
        _store(lab, region, CACHE),
        _store(lab, region, QUEUE),
        _group(lab, region),
        _health(lab, region),
    )
    return RegionStatus(
        name=region.name,
        address=region.address,
        processes=sum(1 for entry in Processes(lab).entries(region.name) if entry.process()),
        database=role,
        timeline=timeline,
        cache=cache,
        queue=queue,
        power=Switches(lab.home).read(region.database).state,
        replicas_desired=group.get("desired"),
        replicas_ready=group.get("ready"),
        health=health,
        public=region.edge in public,
    )


async def _database(lab: Lab, region: LabRegion) -> tuple[Literal["primary", "standby", "down"], int | None]:
    try:
        async with (
            asyncio.timeout(_PATIENCE),
            await psycopg.AsyncConnection.connect(lab.dsn(region.name, dbname="postgres")) as connection,
        ):
            row = await (await connection.execute(_LOOK)).fetchone()
    except (psycopg.Error, TimeoutError):
        return "down", None
    assert row is not None
    return ("standby" if row[0] else "primary"), row[1]


async def _store(lab: Lab, region: LabRegion, store: str) -> str:
    return await standing(lab, region, store) if store in stores(lab) else "-"


async def _group(lab: Lab, region: LabRegion) -> dict[str, int]:
    token = lab.secret("agent.token").read_text().strip()
    async with httpx.AsyncClient(timeout=_PATIENCE, headers={"Authorization": f"Bearer {token}"}) as client:
        try:
            answer = await client.get(f"{region.agent}/group")
            return dict(answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError):
            return {}


async def _health(lab: Lab, region: LabRegion) -> int | None:
    async with httpx.AsyncClient(timeout=_PATIENCE) as client:
        try:
            return (await client.get(f"http://{region.address}:{lab.public_port}/healthz")).status_code
        except httpx.HTTPError:
            return None
