"""The same moment on a primary and on its subscriber, to the transaction: as `postgres_moment.py` does it.

The tables are locked against writes on the upstream, a mark is written to its log, and its snapshot is taken; the
subscriber applies all that lies before the mark, and its snapshot is taken. Then the lock is released.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.clients.postgres import connected
from activities.clients.postgres_follow import lsn
from activities.clients.postgres_logical_gap import Gap, look_again, read_gap
from activities.clients.postgres_logical_pair import FollowerSettings
from activities.clients.postgres_logical_shape import read_shapes
from activities.clients.postgres_moment import Moment, lock_writes
from activities.clients.postgres_tables import session, snapshot, tables
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

_APPLY_SECONDS = 2.0
_EVERY = 0.01


@asynccontextmanager
async def same_moment(job: Job[FollowerSettings]) -> AsyncIterator[Moment]:
    """Take both snapshots. Raises StepError: `timed-out` for tables in use, `not-yet` for a subscriber that is late."""
    settings, above = job.settings, job.settings.upstream
    async with (
        session(above, job.secrets, job.allowed) as locker,
        session(above, job.secrets, job.allowed) as upstream,
        session(settings, job.secrets, job.allowed) as standby,
        connected(settings, job.secrets) as watch,
    ):
        published = {
            title for title, one in (await read_shapes(upstream, above)).items() if one.published or one.by_root
        }
        locked = tuple(table for table in await tables(upstream) if table.title in published)
        await lock_writes(locker, locked)
        began = time.perf_counter()
        gap = await read_gap(watch, upstream, job, above, exact=True)
        await _applied(job, gap)
        for server in (upstream, standby):
            await snapshot(server)
        await locker.rows("ROLLBACK")
        yield Moment(upstream, standby, locked, lsn(gap.target), time.perf_counter() - began)


async def _applied(job: Job[FollowerSettings], gap: Gap) -> None:
    async def look() -> Gap:
        return await look_again(gap, job, exact=True)

    now, closed = await poll(look, Gap.closed, every=_EVERY, within=_APPLY_SECONDS)
    if not closed:
        sentence = f"{now.why_open} Writers must not wait for it any longer: try again when it has caught up."
        raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
