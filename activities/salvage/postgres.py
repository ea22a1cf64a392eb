"""`salvage.postgres`: find the rows that only a former primary has, before a reseed destroys them.

Its successor's timeline history says where the two parted. What the former primary committed behind that point is in
its log, which its agent reads also while it is down. If that is anything, the server is started so that only the
administrator can log in, read-only; every table is compared by its key; and what only it has goes in a file for
review. Rows that it deleted are not found: nothing of them is left to see.
"""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.orphan_file import OrphanFile, Summary
from activities.clients.postgres import Server, connected
from activities.clients.postgres_agent import Log, Machine, database, log_after, ordered
from activities.clients.postgres_follow import lsn
from activities.clients.postgres_orphans import Sides, orphans
from activities.clients.postgres_pair import FollowerSettings
from activities.clients.postgres_state import read_state
from activities.clients.postgres_tables import session, snapshot, tables
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import POWER_PERMISSION, read_power, switch
from runbooks.facts import DataValues
from runbooks.steps import ErrorType

_OURS = ("evac",)
"""Evac's own schema: what it has written there is no loss."""
_HISTORY = "SELECT pg_read_file('pg_wal/' || lpad(to_hex(%(timeline)s::int), 8, '0') || '.history', true) AS text"


@dataclass(frozen=True)
class Former:
    """The former primary. `nothing`: the sentence why it has nothing of its own; `kept`: what was found already."""

    fork: str = ""
    timeline: int = 0
    log: Log | None = None
    nothing: str | None = None
    kept: Summary | None = None

    def evidence(self) -> dict[str, JsonValue]:
        """The fork, and what was found."""
        found = self.kept.model_dump(mode="json") if self.kept else {}
        commits = {"commits": self.log.commits} if self.log else {}
        return {"fork": self.fork, "timeline": self.timeline, **commits, **found, "nothing": self.nothing}


class SalvagePostgres(Act[FollowerSettings, Former]):
    """Writes a file on the worker's machine; with `proved=False` when there are orphans: a person reviews them."""

    uses = "salvage.postgres"
    permissions = (
        "SELECT on all tables of both servers (pg_read_all_data)",
        "upstream: pg_read_file() on its timeline history (pg_read_server_files)",
        "database agent: GET and PUT /database, GET /wal",
        POWER_PERMISSION,
    )
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> Former:
        if kept := OrphanFile(self.home, job.call).kept():
            return Former(kept=kept, fork=kept.fork)
        async with connected(job.settings.upstream, job.secrets) as upstream:
            there = await read_state(upstream)
            if there.role != "primary":
                sentence = f"The upstream {upstream.where} is a standby itself: nobody took over there."
                raise StepError(ErrorType.WRONG_STATE, sentence)
            direct = await _direct(job)
            machine = await database(job).get() if job.settings.agent else None
            here = direct if isinstance(direct, DataValues) else _from_disk(direct, machine)
            if here.role == "standby":
                return Former(timeline=here.timeline, nothing="It is a standby, and has nothing of its own.")
            fork = await _fork(upstream, here.timeline, there.timeline)
        return await _what_is_its_own(job, here, fork)

    def _settled(self, job: Job[FollowerSettings], seen: Former) -> str | None:
        del job
        if seen.kept is not None:
            return seen.kept.sentence
        return seen.nothing

    def _proved(self, seen: Former) -> bool:
        return seen.kept is None or seen.kept.rows == 0

    async def _act(self, job: Job[FollowerSettings], seen: Former) -> str:
        await _make_readable(job)
        async with (
            session(job.settings, job.secrets, job.allowed) as old,
            session(job.settings.upstream, job.secrets, job.allowed) as new,
        ):
            for server in (old, new):
                await snapshot(server)
            with OrphanFile(self.home, job.call) as file:
                await _collect(job, old, new, seen, file)
                return file.keep(seen.log.commits if seen.log else None, seen.fork).sentence


async def _direct(job: Job[FollowerSettings]) -> DataValues | StepError:
    try:
        async with connected(job.settings, job.secrets) as server:
            values = await read_state(server)
    except StepError as error:
        return error
    if values.writable:
        raise StepError(
            ErrorType.WRONG_STATE, f"{job.settings.where} is a primary that takes writes: fence it before it is read."
        )
    return values


def _from_disk(direct: StepError, machine: Machine | None) -> DataValues:
    """What a server that is down would be. Raises StepError when nobody can say."""
    if machine is None or machine.half_rebuilt or machine.role == "absent":
        raise direct
    return DataValues(role=machine.role, timeline=machine.timeline)


async def _fork(upstream: Server, old: int, new: int) -> str:
    """Where the old timeline ends in the history of the new one. Raises StepError when it is no ancestor."""
    history = (await upstream.row(_HISTORY, {"timeline": new}))["text"] if old < new else None
    for line in (history or "").splitlines():
        words = line.split()
        if words and words[0] == str(old):
            return words[1]
    raise StepError(
        ErrorType.WRONG_STATE,
        f"{upstream.where} is on timeline {new}, which did not begin on timeline {old}: it is not its successor.",
    )


async def _what_is_its_own(job: Job[FollowerSettings], here: DataValues, fork: str) -> Former:
    log = await log_after(job, here.timeline, fork).get() if job.settings.agent else None
    nothing = None
    if log is not None and log.commits == 0:
        nothing = f"It committed nothing behind {fork}, where its successor took over: nothing is only there."
    elif log is None and 0 < here.position <= _bytes(fork):
        nothing = f"Its log ends at {lsn(here.position)}, and its successor took over at {fork}: nothing is only there."
    return Former(fork=fork, timeline=here.timeline, log=log, nothing=nothing)


def _bytes(position: str) -> int:
    high, _, low = position.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


async def _make_readable(job: Job[FollowerSettings]) -> None:
    """Have it started for its administrator alone, unless it answers. Raises StepError."""
    if isinstance(await _direct(job), DataValues):
        return
    power = await read_power(job)
    if isinstance(power, StepError):
        raise power
    if power is not None and power.off:
        await switch(job, "on")
    await ordered(job, database(job), {"state": "isolated"})


async def _collect(job: Job[FollowerSettings], old: Server, new: Server, seen: Former, file: OrphanFile) -> None:
    here = await tables(old, without=_OURS)
    there = {table.title for table in await tables(new, without=_OURS)}
    sides = Sides(old, new, job.allowed, frozenset(seen.log.xids) if seen.log else None)
    for number, table in enumerate(here, start=1):
        job.progress.text = f"table {number} of {len(here)}: {table.title}"
        async for orphan in orphans(sides, table, exists=table.title in there):
            file.add(orphan)
