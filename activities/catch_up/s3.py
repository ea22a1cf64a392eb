"""`catch_up.s3`: wait until what was written to one bucket has been copied to another."""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.awaiting import Wait
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.s3 import SEES, arn_of
from activities.clients.s3_pending import LAGS, Pending, read_pending
from activities.contract import Job
from activities.errors import StepError
from activities.reseed.s3 import FollowerSettings, Pair, read_pair
from activities.stale import refuse_stale
from runbooks.steps import ErrorType


class CatchUpSettings(FollowerSettings):
    """A bucket, and the one that it must be near to, or have everything of."""

    within_bytes: int = 0
    exact: bool = False


@dataclass(frozen=True)
class Distance:
    """Both buckets, and what is pending between them."""

    pair: Pair
    pending: Pending | None

    def evidence(self) -> dict[str, JsonValue]:
        """What AWS shows of both."""
        return {**self.pair.evidence(), "pending": None if self.pending is None else self.pending.evidence()}


class CatchUpS3(OnAws, Wait[CatchUpSettings, Distance]):
    """Waits until CloudWatch says that little is pending; of a fenced bucket, nothing in a minute after its fence.

    CloudWatch is some minutes behind: a switchover of a bucket takes as long, and nobody can write meanwhile.
    """

    uses = "catch_up.s3"
    tested_against = "moto + fake (replication rules)"
    permissions = (*SEES, *LAGS)
    unscoped = frozenset(LAGS)
    Settings = CatchUpSettings
    every = 2.0

    @classmethod
    def arns(cls, settings: CatchUpSettings) -> tuple[str, ...]:
        """The bucket; the other one is its own region's."""
        return (arn_of(settings),)

    async def _observe(self, job: Job[CatchUpSettings]) -> Distance:
        settings, upstream = job.settings, job.settings.upstream
        pair = await read_pair(job)
        refuse_stale(job, pair.newest, f"The bucket {settings.bucket} in {settings.aws_region}")
        found = [
            *await read_pending(aws(job, upstream), "SourceBucket", upstream.bucket),
            *await read_pending(aws(job), "DestinationBucket", settings.bucket),
        ]
        ours = [one for one in found if (one.source, one.destination) == (upstream.bucket, settings.bucket)]
        seen = Distance(pair, max(ours, key=lambda one: one.began, default=None))
        why = None if pair.copied else f"{upstream.bucket} is not copied to {settings.bucket}: reseed it first."
        if why is None and settings.exact and pair.upstream.fence is None:
            why = f"{upstream.bucket} still takes writes: {settings.bucket} never has everything. Fence it first."
        if why is not None:
            raise StepError(ErrorType.WRONG_STATE, why, seen.evidence())
        return seen

    def _settled(self, job: Job[CatchUpSettings], seen: Distance) -> str | None:
        settings, pending, fence = job.settings, seen.pending, seen.pair.upstream.fence
        if pending is None:
            return None
        if not settings.exact:
            near = pending.bytes <= settings.within_bytes or not pending.operations
            return f"{_told(pending)} when CloudWatch last looked." if near else None
        after = fence is not None and pending.began >= fence.at
        return f"{_told(pending)}, a minute after its fence." if after and not pending.operations else None

    def _told(self, seen: Distance) -> str:
        return "nothing is known yet" if seen.pending is None else _told(seen.pending)

    def _late(self, job: Job[CatchUpSettings], now: Distance) -> str:
        return _why_not(now, job.settings)


def _told(pending: Pending) -> str:
    return f"{pending.operations:g} operations ({pending.bytes:g} bytes) of {pending.source} were pending"


def _why_not(now: Distance, settings: CatchUpSettings) -> str:
    if now.pending is None:
        return (
            f"CloudWatch tells nothing of what is pending from {settings.upstream.bucket} to {settings.bucket}: "
            "enable the metrics of its replication rule."
        )
    fence = now.pair.upstream.fence
    if settings.exact and fence is not None and now.pending.began < fence.at:
        return f"{_told(now.pending)} before its fence, and CloudWatch tells nothing later yet: say retry in a minute."
    return f"{_told(now.pending)}: look at the replication metrics of its rule."
