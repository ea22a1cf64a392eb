"""`fence.s3`: no more writes to a bucket; replication out of it and into it goes on."""

from activities.aws import OnAws
from activities.barring import PolicyFence
from activities.clients.aws import aws
from activities.clients.s3 import CHANGES, SEES, BucketView, arn_of, note, read_bucket, shut, unshut
from activities.contract import Job
from runbooks.aws.s3 import S3Settings


class FenceS3(OnAws, PolicyFence[S3Settings, BucketView]):
    """Denies writes by a statement of its own in the bucket's policy; the user's statements stay as they are."""

    uses = "fence.s3"
    tested_against = "moto + fake (replication rules)"
    permissions = (*SEES, *CHANGES)
    Settings = S3Settings

    @classmethod
    def arns(cls, settings: S3Settings) -> tuple[str, ...]:
        """The bucket."""
        return (arn_of(settings),)

    async def _see(self, job: Job[S3Settings]) -> BucketView:
        return await read_bucket(aws(job), job.settings)

    async def _note(self, job: Job[S3Settings], seen: BucketView) -> None:
        await note(aws(job), job.settings, seen, job.call.epoch)

    async def _shut(self, job: Job[S3Settings], seen: BucketView) -> None:
        await shut(aws(job), job.settings, seen, job.call.epoch)

    async def _open(self, job: Job[S3Settings], seen: BucketView) -> None:
        await unshut(aws(job), job.settings, seen)
