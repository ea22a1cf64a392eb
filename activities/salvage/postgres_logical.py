"""`salvage.postgres_logical`: find the rows that only a former primary has, before a reseed empties its tables.

The slot by which its successor followed it is still there after a failover: what is behind it in the log are the
transactions that the successor never confirmed. If there are any, every table is compared by its key, and the rows that
those transactions wrote, and the successor has not, go in a file for review. Rows that they deleted are not found.

Where the slot is gone every row that differs is found, also one that the successor has changed since.
"""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.orphan_file import OrphanFile, Summary
from activities.clients.postgres import Server, connected
from activities.clients.postgres_follow import lsn
from activities.clients.postgres_logical import read_logical
from activities.clients.postgres_logical_note import be_patient
from activities.clients.postgres_logical_pair import FollowerSettings
from activities.clients.postgres_logical_rejoin import is_equal
from activities.clients.postgres_logical_slots import read_slots
from activities.clients.postgres_orphans import Sides, orphans
from activities.clients.postgres_tables import session, snapshot, tables
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType

_OURS = ("evac",)
_UNCONFIRMED = """
SELECT DISTINCT xid::text::bigint AS xid
FROM pg_logical_slot_peek_binary_changes(%(slot)s, NULL, NULL, 'proto_version', '1', 'publication_names', %(published)s)
WHERE get_byte(data, 0) IN (ascii('I'), ascii('U'), ascii('D'), ascii('T'))
"""


@dataclass(frozen=True)
class Former:
    """The former primary. `nothing`: the sentence why it has nothing of its own; `kept`: what was found already."""

    fork: str = ""
    xids: frozenset[int] | None = None
    """The transactions that its successor has not confirmed; None: nobody knows them."""
    nothing: str | None = None
    kept: Summary | None = None

    def evidence(self) -> dict[str, JsonValue]:
        """Where they parted, and what was found."""
        found = self.kept.model_dump(mode="json") if self.kept else {}
        commits = {} if self.xids is None else {"commits": len(self.xids)}
        return {"fork": self.fork, **commits, **found, "nothing": self.nothing}


class SalvagePostgresLogical(Act[FollowerSettings, Former]):
    """Writes a file on the worker's machine; with `proved=False` when there are orphans: a person reviews them."""

    uses = "salvage.postgres_logical"
    permissions = (
        "SELECT on all tables of both servers (pg_read_all_data)",
        "REPLICATION (pg_logical_slot_peek_binary_changes())",
    )
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> Former:
        if kept := OrphanFile(self.home, job.call).kept():
            return Former(kept=kept, fork=kept.fork)
        async with (
            connected(job.settings.upstream, job.secrets) as upstream,
            connected(job.settings, job.secrets) as server,
        ):
            there = await read_logical(upstream, job.settings.upstream, job.call.runbook)
            if there.follows or not there.able:
                sentence = f"The upstream {upstream.where} takes no writes: nobody took over there."
                raise StepError(ErrorType.WRONG_STATE, sentence)
            here = await read_logical(server, job.settings, job.call.runbook)
            if not here.shut:
                sentence = f"{server.where} is a primary that takes writes: fence it before it is read."
                raise StepError(ErrorType.WRONG_STATE, sentence)
            if here.role == "standby":
                return Former(nothing="It is a subscriber, and has nothing of its own.")
            if is_equal(here, there, job.settings):
                return Former(nothing="Its successor had all that it has when it took over.")
            return await _unconfirmed(job, server)

    def _settled(self, job: Job[FollowerSettings], seen: Former) -> str | None:
        del job
        return seen.kept.sentence if seen.kept is not None else seen.nothing

    def _proved(self, seen: Former) -> bool:
        return seen.kept is None or seen.kept.rows == 0

    async def _act(self, job: Job[FollowerSettings], seen: Former) -> str:
        async with (
            session(job.settings, job.secrets, job.allowed) as old,
            session(job.settings.upstream, job.secrets, job.allowed) as new,
        ):
            for server in (old, new):
                await snapshot(server)
            with OrphanFile(self.home, job.call) as file:
                await _collect(job, old, new, seen, file)
                return file.keep(None if seen.xids is None else len(seen.xids), seen.fork).sentence


async def _unconfirmed(job: Job[FollowerSettings], server: Server) -> Former:
    """What is behind the slot of its successor, which is left as it is. Raises StepError."""
    slot = (await read_slots(server)).get(job.settings.upstream.subscription)
    if slot is None or slot.lost:
        return Former(fork="an unknown place")
    await be_patient(server, job.allowed)
    asked: dict[str, object] = {"slot": slot.name, "published": f'"{job.settings.publication}"'}
    xids = frozenset(row["xid"] for row in await server.rows(_UNCONFIRMED, asked, within=job.allowed))
    fork = lsn(slot.confirmed or 0)
    nothing = None if xids else f"Its successor has confirmed all that was committed, up to {fork} and behind it."
    return Former(fork=fork, xids=xids, nothing=nothing)


async def _collect(job: Job[FollowerSettings], old: Server, new: Server, seen: Former, file: OrphanFile) -> None:
    here = await tables(old, without=_OURS)
    there = {table.title for table in await tables(new, without=_OURS)}
    sides = Sides(old, new, job.allowed, seen.xids)
    for number, table in enumerate(here, start=1):
        job.progress.text = f"table {number} of {len(here)}: {table.title}"
        if table.title not in job.settings.not_copied:
            async for orphan in orphans(sides, table, exists=table.title in there):
                file.add(orphan)
