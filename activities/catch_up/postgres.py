"""`catch_up.postgres`: wait until a standby has replayed what its upstream has written.

`within_bytes` compares both ends at every look, for an upstream that goes on writing. `exact` sets a mark in the
upstream's log, once, as the step begins: everything that it had committed by then is in the standby, when the step is
done. Of a fenced upstream that is everything. Positions count only on the same timeline: on another they mean other
records.
"""

from dataclasses import dataclass, replace

from pydantic import JsonValue

from activities.acting import Act, SettledMeanwhile
from activities.clients.postgres import Server, connected
from activities.clients.postgres_follow import StandbyEnd, UpstreamEnd, lsn, mark, read_standby, read_upstream
from activities.clients.postgres_pair import CatchUpSettings
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType, StepResult

_EVERY = 0.015
_NEAR = 1 << 20


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
    permissions = (
        "EXECUTE on pg_logical_emit_message()",
        "pg_read_all_stats: pg_stat_wal_receiver",
        "pg_control_checkpoint()",
    )
    Settings = CatchUpSettings

    async def _observe(self, job: Job[CatchUpSettings]) -> Gap:
        upstream = await job.stack.enter_async_context(connected(job.settings.upstream, job.secrets))
        standby = await job.stack.enter_async_context(connected(job.settings, job.secrets))
        there, here = await read_upstream(upstream), await read_standby(standby)
        target = await mark(upstream) if job.settings.exact else there.position
        return Gap(standby, upstream, target, there, here)

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
        if job.settings.exact:
            return replace(seen, here=await read_standby(seen.standby))
        there = await read_upstream(seen.upstream)
        now = replace(seen, target=there.position, there=there, here=await read_standby(seen.standby))
        if _within(job) < now.bytes < _NEAR:
            # Perhaps only what an idle upstream has not flushed: see `mark`.
            return replace(now, target=await mark(seen.upstream))
        return now

    async def _check(self, job: Job[CatchUpSettings]) -> StepResult:
        async with connected(job.settings.upstream, job.secrets) as upstream:
            there = await read_upstream(upstream)
            async with connected(job.settings, job.secrets) as standby:
                gap = Gap(standby, upstream, there.position, there, await read_standby(standby))
        why_not = _why_open(job, gap) if gap.here.timeline != gap.there.timeline else None
        reason = why_not or f"It is {gap.bytes} bytes behind, and could be waited for."
        return StepResult(changed=False, proved=why_not is None, reason=reason, before=gap.evidence())


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
