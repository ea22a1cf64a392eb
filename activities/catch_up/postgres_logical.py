"""`catch_up.postgres_logical`: wait until a subscriber has applied what its upstream has written.

The upstream's slot says what the subscriber has on its disk. `exact` sets a mark in the upstream's log, once, as the
step begins: everything that was committed by then is in the subscriber when the step is done. Of a fenced upstream that
is everything.
"""

from activities.acting import Act, SettledMeanwhile
from activities.clients.postgres_logical_gap import Gap, look_again, open_pair, read_gap
from activities.clients.postgres_logical_pair import CatchUpSettings
from activities.clients.postgres_logical_shape import faults
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType, StepResult

_EVERY = 0.03


class CatchUpPostgresLogical(Act[CatchUpSettings, Gap]):
    """Changes nothing: it waits, and is `not-yet` with numbers when the time is over."""

    uses = "catch_up.postgres_logical"
    permissions = ("upstream: EXECUTE on pg_logical_emit_message()", "upstream: pg_read_all_stats: pg_stat_replication")
    Settings = CatchUpSettings

    async def _observe(self, job: Job[CatchUpSettings]) -> Gap:
        standby, upstream = await open_pair(job, job.settings.upstream)
        return await read_gap(standby, upstream, job, job.settings.upstream, exact=job.settings.exact)

    async def _observe_after(self, job: Job[CatchUpSettings], seen: Gap) -> Gap:
        return await look_again(seen, job, exact=job.settings.exact)

    def _settled(self, job: Job[CatchUpSettings], seen: Gap) -> str | None:
        if not seen.closed(_within(job)):
            return None
        if job.settings.exact:
            return f"Everything that {seen.upstream.where} had committed is applied."
        return f"It is {seen.bytes} bytes behind {seen.upstream.where}, which is near enough."

    async def _act(self, job: Job[CatchUpSettings], seen: Gap) -> str:
        async def look() -> Gap:
            now = await look_again(seen, job, exact=job.settings.exact)
            job.progress.text = now.why_open
            return now

        now, closed = await poll(look, lambda gap: gap.closed(_within(job)), every=_EVERY, within=job.allowed)
        if not closed:
            raise StepError(ErrorType.NOT_YET, now.why_open, now.evidence())
        raise SettledMeanwhile(self._settled(job, now) or "")

    async def _check(self, job: Job[CatchUpSettings]) -> StepResult:
        standby, upstream = await open_pair(job, job.settings.upstream)
        gap = await read_gap(standby, upstream, job, job.settings.upstream, exact=False)
        found = await faults(standby, upstream, job.settings, job.settings.upstream)
        reason = " ".join(found) or gap.here.why_halted or f"It is {gap.bytes} bytes behind, and could be waited for."
        ready = not found and gap.here.streaming
        return StepResult(changed=False, proved=ready, reason=reason, before=gap.evidence())


def _within(job: Job[CatchUpSettings]) -> int:
    return 0 if job.settings.exact else job.settings.within_bytes
