"""The same moment on a primary and on its standby, to the transaction, while the application goes on writing.

A snapshot of a primary has no position in its log, so two snapshots cannot be matched by that alone. Instead:

1. every table is locked against writes on the upstream (SHARE). Whoever had written has committed then, since a writer
   keeps its own lock until after its commit record is in the log; and nobody can write now;
2. a mark is written to the log: every commit to these tables lies before it;
3. the upstream's snapshot is taken; the standby replays to that mark, and its snapshot is taken: both see exactly those
   commits, and no other, since there can be none to these tables until
4. the lock is released. That takes milliseconds; the comparison happens afterwards, in the two snapshots.

Whoever writes meanwhile waits for it. So it is given up early: when a long transaction is in its way, and when the
standby is late. That comes before PostgreSQL looks for a deadlock, which could end the application's transaction.

The list of tables is read again inside both snapshots: one that was made meanwhile was not locked.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from activities.clients.postgres import Server
from activities.clients.postgres_follow import lsn, mark, read_standby, read_upstream
from activities.clients.postgres_pair import FollowerSettings
from activities.clients.postgres_tables import Digest, Table, digest, session, snapshot, tables
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.secrets import Secrets
from runbooks.steps import ErrorType

_LOCK_MILLISECONDS = 500
_REPLAY_SECONDS = 1.0
_EVERY = 0.005


@dataclass(frozen=True)
class Moment:
    """Two sessions that see the same commits. `held` = seconds for which writers had to wait."""

    upstream: Server
    standby: Server
    tables: tuple[Table, ...]
    position: str
    held: float


@asynccontextmanager
async def same_moment(settings: FollowerSettings, secrets: Secrets, within: float) -> AsyncIterator[Moment]:
    """Take both snapshots. Raises StepError: `timed-out` for tables in use, `not-yet` for a standby that is late."""
    async with (
        session(settings.upstream, secrets, within) as locker,
        session(settings.upstream, secrets, within) as upstream,
        session(settings, secrets, within) as standby,
    ):
        await read_upstream(locker)
        await read_standby(standby)
        locked = await tables(upstream)
        await lock_writes(locker, locked)
        began = time.perf_counter()
        position = await mark(upstream)
        await snapshot(upstream)
        await _replayed(standby, position)
        await snapshot(standby)
        await locker.rows("ROLLBACK")
        held = time.perf_counter() - began
        if not (locked == await tables(upstream) == await tables(standby)):
            raise StepError(ErrorType.BUSY, "Tables were made or changed meanwhile: the comparison is begun anew.")
        yield Moment(upstream, standby, locked, lsn(position), held)


async def lock_writes(locker: Server, locked: tuple[Table, ...]) -> None:
    """Keep everybody from writing to these tables, until the session's transaction ends. Raises StepError."""
    await locker.rows("BEGIN READ WRITE")  # also where a fence has made transactions read-only
    # For all tables together; `lock_timeout` alone would count for each.
    await locker.rows(sql.SQL("SET LOCAL statement_timeout = {}").format(sql.Literal(f"{_LOCK_MILLISECONDS}ms")))
    if locked:
        names = sql.SQL(", ").join(sql.SQL("ONLY {}").format(table.identifier) for table in locked)
        await locker.rows(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(names))


async def _replayed(standby: Server, position: int) -> None:
    async def look() -> int:
        return (await read_standby(standby)).replayed or 0

    now, reached = await poll(look, lambda at: at >= position, every=_EVERY, within=_REPLAY_SECONDS)
    if not reached:
        raise StepError(
            ErrorType.NOT_YET,
            f"{standby.where} has replayed {lsn(now)}, and not {lsn(position)} yet: writers must not wait for it any "
            "longer. Try again when it has caught up.",
        )


async def differing(job: Job[Any], moment: Moment) -> tuple[int, dict[str, tuple[Digest, Digest]]]:
    """The upstream's rows; the tables that differ, each with both digests, the standby's first. Raises StepError."""
    rows, found = 0, {}
    for number, table in enumerate(moment.tables, start=1):
        job.progress.text = f"table {number} of {len(moment.tables)}: {table.title}"
        here, there = await asyncio.gather(
            digest(moment.standby, table, job.allowed), digest(moment.upstream, table, job.allowed)
        )
        rows += there.rows
        if here != there:
            found[table.title] = (here, there)
    return rows, found
