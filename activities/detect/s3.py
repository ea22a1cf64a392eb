"""`detect.s3`: who may write to a bucket, whether it is copied, and what is pending."""

import time

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.s3 import SEES, BucketView, arn_of, read_bucket
from activities.clients.s3_pending import LAGS, Pending, Side, read_pending
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.aws.s3 import S3Settings
from runbooks.facts import DataValues, StandbyValues


class DetectS3(OnAws, Detector[S3Settings]):
    """A bucket without Evac's fence is the writer, one with it a standby. A writer that copies to nobody is unhealthy.

    That is said of buckets named in `replicas` only.
    """

    uses = "detect.s3"
    tested_against = "moto + fake (replication rules)"
    permissions = (*SEES, *LAGS)
    unscoped = frozenset(LAGS)
    Settings = S3Settings

    @classmethod
    def arns(cls, settings: S3Settings) -> tuple[str, ...]:
        """The bucket."""
        return (arn_of(settings),)

    async def _look(self, job: Job[S3Settings]) -> Sight:
        settings = job.settings
        seen = await read_bucket(aws(job), settings)
        side: Side = "DestinationBucket" if seen.fence else "SourceBucket"
        pending = await read_pending(aws(job), side, settings.bucket)
        values = (_standby if seen.fence else _primary)(seen, pending).model_dump(mode="json")
        lacking = () if seen.fence else seen.lacks(settings.replicas)
        if lacking:
            reason = f"It takes writes, and {' and '.join(lacking)} get no copies: enable a replication rule."
            return Sight(good=False, reason=reason, values=values)
        return Sight(good=True, reason=_told(seen, pending), values=values)


def _primary(seen: BucketView, pending: list[Pending]) -> DataValues:
    now, known = time.time(), {one.destination: one for one in pending}
    standbys = {
        bucket: StandbyValues(
            state="streaming" if enabled else "disabled",
            sync_state="async",
            lag_seconds=_behind(known.get(bucket), now),
        )
        for bucket, enabled in seen.copies.items()
    }
    return DataValues(role="primary", epoch=seen.newest, standbys=standbys)


def _standby(seen: BucketView, pending: list[Pending]) -> DataValues:
    values = DataValues(role="standby", read_only=True, epoch=seen.newest)
    behind = [one for one in (_behind(each, time.time()) for each in pending) if one is not None]
    if not behind:
        return values
    latency = max(one.latency for one in pending)
    known = {"lag_seconds": latency, "last_commit_at": time.time() - max(behind), "streaming": True}
    return values.model_copy(update=known)


def _behind(pending: Pending | None, now: float) -> float | None:
    """How far, at the most. While something is pending nobody knows since when."""
    return None if pending is None or (pending.operations and not pending.latency) else pending.behind(now)


def _told(seen: BucketView, pending: list[Pending]) -> str:
    writes = "It takes writes" if seen.fence is None else f"Writes are denied by decision {seen.fence.epoch}"
    if not pending:
        return f"{writes}; what is pending in replication is not known."
    return f"{writes}; {sum(one.operations for one in pending):g} operations are pending in replication."
