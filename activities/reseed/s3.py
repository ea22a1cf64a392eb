"""`reseed.s3`: make a bucket a standby of another one: it takes no writes, and gets that one's objects."""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.aws import OnAws
from activities.barring import Bar
from activities.clients.aws import aws
from activities.clients.policy import Mark
from activities.clients.s3 import (
    CHANGES,
    REPLICATES,
    SEES,
    BucketView,
    arn_of,
    note,
    read_bucket,
    replicate,
    shut,
    unshut,
)
from activities.contract import Job
from activities.errors import StepError
from activities.stale import refuse_stale
from runbooks.aws.s3 import S3Settings
from runbooks.steps import ErrorType


class FollowerSettings(S3Settings):
    """A bucket, and the one whose objects it is to get."""

    upstream: S3Settings


@dataclass(frozen=True)
class Pair:
    """Both buckets, as they are now."""

    standby: BucketView
    upstream: BucketView
    copied: bool
    """The one's objects are copied to the other."""

    @property
    def fence(self) -> Mark | None:
        """The standby's."""
        return self.standby.fence

    @property
    def newest(self) -> int | None:
        """The newest decision that the standby has kept."""
        return self.standby.newest

    def evidence(self) -> dict[str, JsonValue]:
        """What S3 shows of both."""
        return {"standby": self.standby.evidence(), "upstream": self.upstream.evidence(), "copied": self.copied}


async def read_pair(job: Job[FollowerSettings]) -> Pair:
    """Look at both. Raises StepError, also when the upstream has kept a newer decision."""
    settings, upstream = job.settings, job.settings.upstream
    standby, above = await read_bucket(aws(job), settings), await read_bucket(aws(job, upstream), upstream)
    refuse_stale(job, above.newest, f"The bucket {upstream.bucket} in {upstream.aws_region}")
    return Pair(standby, above, copied=not above.lacks((settings.bucket,)))


class ReseedS3(OnAws, Bar[FollowerSettings, Pair]):
    """Fences a former writer, and has the new one copied to it. S3 copies only what is written from then on.

    A promotion has the copies made before it lets writes in. Where it could not, the answer says what S3 Batch
    Replication must copy.
    """

    uses = "reseed.s3"
    tested_against = "moto + fake (replication rules)"
    permissions = (*SEES, *CHANGES, *REPLICATES)
    Settings = FollowerSettings

    @classmethod
    def arns(cls, settings: FollowerSettings) -> tuple[str, ...]:
        """The bucket, and the role that S3 is given; the upstream's are its own region's."""
        return (arn_of(settings), *([settings.replication_role] if settings.replication_role else []))

    async def _see(self, job: Job[FollowerSettings]) -> Pair:
        seen = await read_pair(job)
        if seen.upstream.fence is not None:
            upstream = job.settings.upstream
            where = f"The bucket {upstream.bucket} in {upstream.aws_region}"
            sentence = f"{where} takes no writes itself: fenced too, there would be no writer."
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        return seen

    def _settled(self, job: Job[FollowerSettings], seen: Pair) -> str | None:
        return super()._settled(job, seen) if seen.copied else None

    async def _act(self, job: Job[FollowerSettings], seen: Pair) -> str:
        done = await super()._act(job, seen)
        if seen.copied:
            return done
        settings, upstream = job.settings, job.settings.upstream
        await replicate(aws(job, upstream), upstream, seen.upstream, (settings.bucket,))
        return (
            f"{done} The objects of {upstream.bucket} are copied to it from now on; those that it lacks already must "
            "be copied by S3 Batch Replication."
        )

    async def _note(self, job: Job[FollowerSettings], seen: Pair) -> None:
        await note(aws(job), job.settings, seen.standby, job.call.epoch)

    async def _shut(self, job: Job[FollowerSettings], seen: Pair) -> None:
        await shut(aws(job), job.settings, seen.standby, job.call.epoch)

    async def _open(self, job: Job[FollowerSettings], seen: Pair) -> None:
        await unshut(aws(job), job.settings, seen.standby)
