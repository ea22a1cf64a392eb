"""`detect.postgres_logical`: a database's role, how far it has got, and how far its subscribers are behind."""

from activities.clients.postgres import Server, connected
from activities.clients.postgres_logical import LogicalState, read_logical
from activities.clients.postgres_logical_gap import flushed
from activities.clients.postgres_logical_slots import Slot, read_slots
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.facts import DataValues
from runbooks.postgres_logical import PostgresLogicalSettings

_LAST_APPLIED = """
SELECT extract(epoch FROM max(t.timestamp))::float8 AS at
FROM pg_replication_origin o,
     (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS now,
     generate_series(greatest(next - %(looked)s, 3), next - 1) AS number,
     -- of 32 bits, of which the first three numbers are no transaction's
     pg_xact_commit_timestamp_origin(
         CASE WHEN (number & 4294967295) > 2 THEN (number & 4294967295)::text::xid END) AS t
WHERE o.roname = 'pg_' || %(subscription)s::text AND t.roident = o.roident
"""
_LOOKED = 10000
"""Transactions: beside what was copied the server has some of its own, such as those of autovacuum."""
_TELLS_ORIGIN = 140000
"""The version from which on a server says of a transaction whose it was."""
_TRACKS = "SELECT current_setting('track_commit_timestamp')::bool AS tracks"
_SYNCHRONOUS = "SELECT current_setting('synchronous_standby_names') <> '' AS synchronous"


class DetectPostgresLogical(Detector[PostgresLogicalSettings]):
    """A database that answers a query is healthy; its values say the rest, its reason what is wrong."""

    uses = "detect.postgres_logical"
    permissions = (
        "LOGIN",
        "pg_read_all_stats: pg_stat_replication",
        "EXECUTE on pg_replication_origin_progress(), or track_commit_timestamp = on (else a loss may be unknown)",
    )
    Settings = PostgresLogicalSettings

    async def _look(self, job: Job[PostgresLogicalSettings]) -> Sight:
        async with connected(job.settings, job.secrets) as server:
            seen = await read_logical(server, job.settings, job.call.runbook)
            if seen.role == "primary":
                slots = await read_slots(server)
                values, reason = await _primary(server, seen, slots), _of_primary(seen, slots)
            else:
                values, reason = await _standby(server, seen), _of_standby(seen)
        return Sight(good=True, reason=reason, values=values.model_dump(mode="json"))


async def _primary(server: Server, seen: LogicalState, slots: dict[str, Slot]) -> DataValues:
    return DataValues(
        role="primary",
        position=await flushed(server),
        read_only=seen.shut,
        epoch=seen.note.epoch,
        synchronous=bool((await server.row(_SYNCHRONOUS))["synchronous"]),
        standbys={name: slot.values for name, slot in slots.items()},
    )


async def _standby(server: Server, seen: LogicalState) -> DataValues:
    behind = None if seen.told is None or seen.received is None else max(0, seen.told - seen.received)
    return DataValues(
        role="standby",
        position=seen.position,
        streaming=seen.streaming,
        lag_bytes=behind,
        last_commit_at=await _last_applied(server, seen),
        epoch=seen.note.epoch,
    )


async def _last_applied(server: Server, seen: LogicalState) -> float | None:
    """When the newest transaction was committed, at the upstream, that was applied here; None: nobody knows."""
    if seen.subscription is None or seen.version < _TELLS_ORIGIN or not (await server.row(_TRACKS))["tracks"]:
        return None
    asked: dict[str, object] = {"looked": _LOOKED, "subscription": seen.subscription}
    at: float | None = (await server.row(_LAST_APPLIED, asked))["at"]
    return at


def _of_primary(seen: LogicalState, slots: dict[str, Slot]) -> str:
    count = len(slots)
    mode = "" if seen.able else ", and no writer can log in" + (" but some are still in" if seen.sessions else "")
    said = [f"It is primary with {count} subscriber{'s' if count != 1 else ''}{mode}."]
    if seen.follows:
        said.append(f"It follows another server besides, and {', '.join(seen.able)} can write here: two writers.")
    said += [slot.complaint for slot in slots.values() if slot.complaint is not None]
    return " ".join(said)


def _of_standby(seen: LogicalState) -> str:
    if seen.follows:
        return seen.why_halted or f"It follows, with {seen.tables} tables."
    return "A promotion of it has not come to its end: nobody can write here yet."
