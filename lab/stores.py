"""The lab's data stores: which there are, how each region's stands now, and what it holds of a client's rows."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence

import psycopg

from activities.asking import ask, detectors_in
from activities.clients import nats, valkey
from activities.clients.nats_messages import messages
from activities.clients.nats_stream import read_stream
from activities.secrets import Secrets
from lab.cache import settings_of
from lab.journal import Attempt
from lab.outage import Loss, loss
from lab.queue import Queues
from lab.service_cache import marks_key
from lab.switches import Switches
from lab.topology import ADMIN, CACHE, DATABASE, DBNAME, QUEUE, ROW_EVENTS, Lab, LabRegion
from runbooks.facts import DataValues
from runbooks.kinds import PostgresSettings
from runbooks.probes import Probe
from runbooks.steps import Verb
from runbooks.values import Model, UnixTime

_PARTS = {DATABASE: "postgres", CACHE: "cache", QUEUE: "queue"}


def stores(lab: Lab) -> tuple[str, ...]:
    """The names of the stores that the lab has; the runbook's resources are called so, too."""
    return tuple(name for name, part in _PARTS.items() if part in lab.parts)


async def standing(lab: Lab, region: LabRegion, store: str) -> str:
    """`primary`, `standby`, `fenced`, `off` or `down`, as `evac detect` would say it from inside the region."""
    kind, settings = _settings(lab, region, store)
    probe = Probe(technology=kind, name=store, region=region.name, settings=settings.model_dump(mode="json"))
    reading = await ask(detectors_in(lab.home), probe.call(Verb.DETECT, lab.runbook_name, "lab"))
    if reading.state != "healthy":
        return Switches(lab.home).read(f"{store}.{region.name}").state.replace("on", "down")
    values = DataValues.model_validate(reading.values)
    return "fenced" if values.role == "primary" and not values.writable else values.role


def _settings(lab: Lab, region: LabRegion, store: str) -> tuple[str, Model]:
    """The store's kind, and how it is reached."""
    if store == CACHE:
        return "valkey", settings_of(lab, region)
    if store == QUEUE:
        return "nats", Queues(lab).settings(region)
    return "postgres", PostgresSettings(
        host=region.address,
        port=region.postgres_port,
        dbname=DBNAME,
        user=ADMIN,
        password=f"file://{lab.secret(f'{ADMIN}.password')}",
    )


async def losses(
    lab: Lab, attempts: Sequence[Attempt], client: str, outage_at: UnixTime | None = None
) -> tuple[Loss, ...]:
    """What each store's primary of now does not have of the rows that were acknowledged to this client until now."""
    told = tuple(attempts)  # before the stores are asked: what is acknowledged meanwhile, they need not show
    places = [(region, store) for store in stores(lab) for region in lab.regions]
    held = await asyncio.gather(*(_held(lab, region, store, client) for region, store in places))
    return tuple(
        loss(told, present, f"{store}.{region.name}", outage_at)
        for (region, store), present in zip(places, held, strict=True)
        if present is not None
    )


async def _held(lab: Lab, region: LabRegion, store: str, client: str) -> frozenset[int] | None:
    """The client's rows that the store has; None when it is not the primary."""
    return await _HELD[store](lab, region, client) if await standing(lab, region, store) == "primary" else None


async def _rows(lab: Lab, region: LabRegion, client: str) -> frozenset[int]:
    async with await psycopg.AsyncConnection.connect(lab.dsn(region.name)) as connection:
        cursor = await connection.execute("SELECT n FROM rows WHERE client = %s", (client,))
        return frozenset(int(row[0]) for row in await cursor.fetchall())


async def _marks(lab: Lab, region: LabRegion, client: str) -> frozenset[int]:
    async with valkey.connected(settings_of(lab, region), Secrets()) as server:
        return frozenset(int(mark) for mark in await server.ask("SMEMBERS", marks_key(client)))


async def _events(lab: Lab, region: LabRegion, client: str) -> frozenset[int]:
    settings = Queues(lab).settings(region)
    async with nats.connected(settings, Secrets()) as jet:
        state = await read_stream(jet, settings)
        found = [json.loads(m.data) async for m in messages(jet, settings, 1, state) if m.subject == ROW_EVENTS]
    return frozenset(int(event["n"]) for event in found if event["client"] == client)


_HELD: dict[str, Callable[[Lab, LabRegion, str], Awaitable[frozenset[int]]]] = {
    DATABASE: _rows,
    CACHE: _marks,
    QUEUE: _events,
}
