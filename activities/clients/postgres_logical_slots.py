"""What a primary of logical replication knows of its subscribers: the slots, and how far each has confirmed."""

from activities.acting import View
from activities.clients.postgres import Server
from activities.clients.postgres_logical_note import be_patient
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.facts import StandbyValues
from runbooks.steps import ErrorType

_SLOTS = """
SELECT s.slot_name::text AS name, s.active, (s.confirmed_flush_lsn - '0/0')::bigint AS confirmed,
       coalesce(s.wal_status = 'lost', false) AS lost,
       greatest(pg_current_wal_flush_lsn() - s.confirmed_flush_lsn, 0)::bigint AS behind,
       greatest(pg_current_wal_flush_lsn() - s.restart_lsn, 0)::bigint AS kept,
       r.state, r.sync_state
FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid
WHERE s.slot_type = 'logical' AND s.plugin = 'pgoutput' AND s.database = current_database() AND NOT s.temporary
ORDER BY 1
"""
_DROP = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %(name)s AND NOT active"
_MAKE = "SELECT pg_create_logical_replication_slot(%(name)s, 'pgoutput')"
_MEGABYTE = 1 << 20
_EVERY = 0.05
_FREE_SECONDS = 10.0
_MAKE_SECONDS = 3.0
"""It waits for every transaction that is under way; nobody can write meanwhile."""


class Slot(View):
    """One subscriber's: what it has confirmed is on its disk, applied."""

    name: str
    active: bool
    confirmed: int | None
    lost: bool
    """What it needs was thrown away: it must be copied anew."""
    behind: int | None
    kept: int | None
    """Bytes of log that cannot be thrown away for it."""
    state: str | None
    sync_state: str | None

    @property
    def values(self) -> StandbyValues:
        """As the planner knows a standby."""
        state = (self.state or "unknown") if self.active else "lost" if self.lost else "inactive"
        return StandbyValues(state=state, sync_state=self.sync_state or "async", lag_bytes=self.behind)

    @property
    def complaint(self) -> str | None:
        """What a person should know of one that nobody uses, or None."""
        if self.lost:
            return f"The slot {self.name} has lost what its subscriber needs: rebuild that one."
        if self.active:
            return None
        return f"Nobody reads the slot {self.name}, which keeps {(self.kept or 0) // _MEGABYTE} MB of log on the disk."


async def read_slots(server: Server) -> dict[str, Slot]:
    """Those of the database's subscribers, by name. Raises StepError."""
    rows = await server.rows(_SLOTS)
    found = (Slot.model_validate(row) for row in rows)
    return {slot.name: slot for slot in found if not _is_of_a_copy(slot.name)}


def _is_of_a_copy(name: str) -> bool:
    """While a table is first copied its worker has a slot of its own."""
    return name.startswith("pg_") and "_sync_" in name


async def drop_slot(server: Server, name: str) -> bool:
    """Drop it, if it is there and nobody reads it. Raises StepError."""
    return bool(await server.rows(_DROP, {"name": name}))


async def make_slot(server: Server, name: str, patience: float) -> None:
    """One for a subscriber that has everything up to now; statements may take `patience` afterwards.

    Raises StepError, also when a transaction is in the way.
    """
    await drop_slot(server, name)
    await be_patient(server, _MAKE_SECONDS)
    try:
        await server.rows(_MAKE, {"name": name}, within=2 * _MAKE_SECONDS)
    finally:
        await be_patient(server, patience)


async def free_slot(server: Server, name: str) -> None:
    """There is none of that name afterwards: whoever read it is given a moment to end. Raises StepError."""

    async def look() -> bool:
        await drop_slot(server, name)
        return name not in await read_slots(server)

    _, free = await poll(look, bool, every=_EVERY, within=_FREE_SECONDS)
    if not free:
        sentence = f"The slot {name} at {server.where} is still read: nobody else can follow it by that name."
        raise StepError(ErrorType.NOT_YET, sentence)


async def slot_of(server: Server, name: str | None) -> Slot:
    """The slot by which a standby follows this server. Raises StepError when there is none."""
    slot = (await read_slots(server)).get(name or "")
    if slot is None:
        sentence = f"{server.where} has no slot {name}: nobody follows it by that name; reseed the standby."
        raise StepError(ErrorType.WRONG_STATE, sentence)
    return slot
