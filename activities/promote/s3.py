"""`promote.s3`: let a bucket take writes, and have them copied to the others."""

from activities.aws import OnAws
from activities.barring import Unbar
from activities.clients.aws import aws
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
from runbooks.aws.s3 import S3Settings
from runbooks.steps import ErrorType


class PromoteSettings(S3Settings):
    """The bucket, and in a planned procedure the one that was the writer."""

    upstream: S3Settings | None = None


class PromoteS3(OnAws, Unbar[PromoteSettings, BucketView]):
    """Has the bucket copied to its `replicas`, and then lifts Evac's fence: no write goes without its copy.

    In a failover the other region may be dead: then it takes writes all the same, says who gets no copies, and leaves
    that to the reseed.
    """

    uses = "promote.s3"
    tested_against = "moto + fake (replication rules)"
    permissions = (*SEES, *CHANGES, *REPLICATES)
    Settings = PromoteSettings

    @classmethod
    def arns(cls, settings: PromoteSettings) -> tuple[str, ...]:
        """The bucket, and the role that S3 is given."""
        return (arn_of(settings), *([settings.replication_role] if settings.replication_role else []))

    async def _see(self, job: Job[PromoteSettings]) -> BucketView:
        return await read_bucket(aws(job), job.settings)

    def _settled(self, job: Job[PromoteSettings], seen: BucketView) -> str | None:
        settled = super()._settled(job, seen)
        # In a failover nothing more is tried for the copies: a reseed does that once the other region answers.
        return None if job.settings.upstream is not None and seen.lacks(job.settings.replicas) else settled

    async def _act(self, job: Job[PromoteSettings], seen: BucketView) -> str:
        await self._alone(job)
        await self._noted(job, seen)
        copied = await self._copied(job, seen)
        done = await super()._act(job, await self._observe(job))
        return f"{done} {copied}".strip()

    async def _copied(self, job: Job[PromoteSettings], seen: BucketView) -> str:
        lacking = seen.lacks(job.settings.replicas)
        if not lacking:
            return ""
        whom = " and ".join(lacking)
        try:
            await replicate(aws(job), job.settings, seen, lacking)
        except StepError as error:
            if job.settings.upstream is not None:
                raise
            return f"But {whom} get no copies yet, which the reseed must see to: {error.sentence}"
        return f"Copies go to {whom}."

    async def _note(self, job: Job[PromoteSettings], seen: BucketView) -> None:
        await note(aws(job), job.settings, seen, job.call.epoch)

    async def _shut(self, job: Job[PromoteSettings], seen: BucketView) -> None:
        await shut(aws(job), job.settings, seen, job.call.epoch)

    async def _open(self, job: Job[PromoteSettings], seen: BucketView) -> None:
        await unshut(aws(job), job.settings, seen)

    async def _alone(self, job: Job[PromoteSettings]) -> None:
        """In a planned procedure the former writer must be fenced. Raises StepError."""
        upstream = job.settings.upstream
        if upstream is None:
            return
        former = await read_bucket(aws(job, upstream), upstream)
        if former.fence is None:
            sentence = (
                f"The bucket {upstream.bucket} in {upstream.aws_region} still takes writes: "
                "opened here, there would be two writers. Fence it first."
            )
            raise StepError(ErrorType.WRONG_STATE, sentence, former.evidence())
