"""`catch_up.dynamodb`: wait until what was written in one region of a global table has come to another."""

import time
from dataclasses import dataclass

from pydantic import JsonValue

from activities.awaiting import Wait
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.dynamodb import LAGS, SEES, TableView, arns, latency, read_table, see_table
from activities.contract import Job
from activities.errors import StepError
from activities.reseed.dynamodb import FollowerSettings
from activities.stale import refuse_stale
from runbooks.steps import ErrorType


class CatchUpSettings(FollowerSettings):
    """A table, and the region that it waits for: to be nearly there, or to have everything."""

    exact: bool = False


@dataclass(frozen=True)
class Pair:
    """Both tables, as they are now."""

    standby: TableView
    upstream: TableView
    lag: float | None
    """The slowest replication lately, in seconds; None: there was none."""
    quiet: float | None
    """Seconds since writes were denied; None: they are not."""

    def evidence(self) -> dict[str, JsonValue]:
        """What each said."""
        times: dict[str, JsonValue] = {"lag_seconds": self.lag, "quiet_seconds": self.quiet}
        return {"standby": self.standby.evidence(), "upstream": self.upstream.evidence(), **times}


class CatchUpDynamodb(OnAws, Wait[CatchUpSettings, Pair]):
    """Waits until replication is quick; of a fenced writer, until writes have been denied for longer than it takes.

    DynamoDB never says that everything has arrived. What can be told is how long it took at most, lately, and for how
    long nobody has written: `quiet` is the least of that. With strong consistency there is nothing to wait for.
    """

    uses = "catch_up.dynamodb"
    tested_against = "moto + fake (replicas, resource policies)"
    permissions = (*SEES, LAGS)
    unscoped = frozenset({LAGS})
    Settings = CatchUpSettings

    @classmethod
    def arns(cls, settings: CatchUpSettings) -> tuple[str, ...]:
        """The table alone; the other one is its own region's."""
        return arns(settings)

    async def _observe(self, job: Job[CatchUpSettings]) -> Pair:
        settings, upstream = job.settings, job.settings.upstream
        standby = await see_table(job, settings)
        above = await read_table(aws(job, upstream), upstream)
        for seen, where in ((standby, settings), (above, upstream)):
            refuse_stale(job, seen.newest, f"The table {where.table} in {where.aws_region}")
        found = None
        if not above.strong:
            found = await latency(job, upstream, upstream.aws_region, settings.aws_region)
        quiet = None if above.fence is None else time.time() - above.fence.at
        pair = Pair(standby, above, None if found is None else found.seconds, quiet)
        why = standby.why_apart(settings, upstream)
        if why is None and settings.exact and above.fence is None:
            why = f"The table in {upstream.aws_region} still takes writes: it never has everything. Fence it first."
        if why is not None:
            raise StepError(ErrorType.WRONG_STATE, why, pair.evidence())
        return pair

    def _settled(self, job: Job[CatchUpSettings], seen: Pair) -> str | None:
        least, where = job.settings.quiet, job.settings.upstream.aws_region
        if seen.upstream.strong:
            return f"It has everything of {where}: a write is answered once another region has it."
        slow = seen.lag is not None and seen.lag > least
        took = "nothing was replicated lately" if seen.lag is None else f"replication took at most {seen.lag:.1f} s"
        if not job.settings.exact:
            return None if slow else f"It is hardly behind {where}: {took}."
        done = seen.quiet is not None and seen.quiet >= max(least, seen.lag or 0.0)
        return f"Nobody has written in {where} for {seen.quiet:.1f} s, and {took}." if done else None

    def _late(self, job: Job[CatchUpSettings], now: Pair) -> str:
        slow = "is not known to be quick" if now.lag is None else f"takes {now.lag:.1f} s"
        where, table = job.settings.upstream.aws_region, job.settings.table
        return f"Replication from {where} {slow}: look at the metric ReplicationLatency of {table}."
