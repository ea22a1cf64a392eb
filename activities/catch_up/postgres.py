"""`catch_up.postgres`: wait until a standby has replayed what its upstream has written.

`within_bytes` compares both ends at every look, for an upstream that goes on writing. `exact` takes the upstream's
end once, as the step begins: everything that it had committed by then is in the standby, when the step is done. Of a
fenced upstream that is everything. Positions count only on the same timeline: on another they mean other records.
"""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act, SettledMeanwhile
from activities.clients.postgres import Server, connected
from activities.clients.postgres_follow import StandbyEnd, UpstreamEnd, lsn, read_standby, read_upstream
from activities.clients.postgres_pair import CatchUpSettings
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

_EVERY = 0.015


@dataclass(frozen=True)
class Gap:
    """Both ends, on open connections. `target`: the position that the standby must reach."""

    standby: Server
    upstream: Server
    target: int
    there: UpstreamEnd
    here: StandbyEnd

    @property
    def bytes(self) -> int:
        """How much is missing."""
        return max(0, self.target - (self.here.replayed or 0))

    def closed(self, within: int) -> bool:
        """It has what it must have."""
        return self.here.timeline == self.there.timeline and self.bytes <= within

    def evidence(self) -> dict[str, JsonValue]:
        """Positions and timelines of both."""
        return {
            "target": lsn(self.target),
            "replayed": lsn(self.here.replayed or 0),
            "behind_bytes": self.bytes,
            "timeline": self.here.timeline,
            "upstream_timeline": self.there.timeline,
            "upstream_read_only": self.there.read_only,
            "streaming": self.here.streaming,
        }


class CatchUpPostgres(Act[CatchUpSettings, Gap]):
    """Changes nothing: it waits, and is `not-yet` with numbers when the time is over."""

    uses = "catch_up.postgres"
    permissions = ("pg_read_all_stats: pg_stat_wal_receiver", "pg_control_checkpoint()")
    Settings = CatchUpSettings

    async def _observe(self, job: Job[CatchUpSettings]) -> Gap:
        upstream = await job.stack.enter_async_context(connected(job.settings.upstream, job.secrets))
        standby = await job.stack.enter_async_context(connected(job.settings, job.secrets))
        # The target first: what is replayed by then was there before.
        target, there = await read_upstream(upstream)
        return Gap(standby, upstream, target, there, await read_standby(standby))

    async def _observe_after(self, job: Job[CatchUpSettings], seen: Gap) -> Gap:
        return await self._look(job, seen)

    def _settled(self, job: Job[CatchUpSettings], seen: Gap) -> str | None:
        return _sentence(seen) if seen.closed(_within(job)) else None

    async def _act(self, job: Job[CatchUpSettings], seen: Gap) -> str:
        async def look() -> Gap:
            now = await self._look(job, seen)
            job.progress.text = f"{now.bytes} bytes behind"
            return now

        now, closed = await poll(look, lambda gap: gap.closed(_within(job)), every=_EVERY, within=job.allowed)
        if not closed:
            raise StepError(ErrorType.NOT_YET, _why_open(job, now), now.evidence())
        raise SettledMeanwhile(_sentence(now))

    async def _look(self, job: Job[CatchUpSettings], seen: Gap) -> Gap:
        target, there = (seen.target, seen.there) if job.settings.exact else await read_upstream(seen.upstream)
        return Gap(seen.standby, seen.upstream, target, there, await read_standby(seen.standby))


def _within(job: Job[CatchUpSettings]) -> int:
    return 0 if job.settings.exact else job.settings.within_bytes


def _sentence(gap: Gap) -> str:
    if gap.bytes == 0:
        end = f"{lsn(gap.target)}, where its upstream stood, on timeline {gap.here.timeline}"
        return f"It has replayed everything up to {end}."
    return f"It is {gap.bytes} bytes behind its upstream's {lsn(gap.target)}, which is near enough."


def _why_open(job: Job[CatchUpSettings], gap: Gap) -> str:
    settings = job.settings
    if gap.here.timeline != gap.there.timeline:
        return (
            f"{settings.where} is on timeline {gap.here.timeline}, and its upstream on {gap.there.timeline}: "
            "it must be reseeded before it can catch up."
        )
    how = "streams" if gap.here.streaming else "receives nothing"
    return f"{settings.where} {how} and is still {gap.bytes} bytes behind {lsn(gap.target)} after {job.allowed:g} s."
