"""`cut_over.cloudfront`: lead a CloudFront distribution to another region's origin."""

from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.clients.cloudfront import Origins, OriginView, note_on_distribution, read_origins, turn_origins
from activities.contract import Job
from activities.switching import Switch
from runbooks.aws.switches import CloudFrontCommon


class CutOverCloudFront(OnAws, Switch[Origins, OriginView]):
    """Compare and set by the distribution's ETag; waits until it is Deployed."""

    uses = "cut_over.cloudfront"
    permissions = (
        "cloudfront:GetDistribution",
        "cloudfront:GetDistributionConfig",
        "cloudfront:ListTagsForResource",
        "cloudfront:TagResource",
        "cloudfront:UpdateDistribution",
    )
    Settings = Origins
    view = OriginView
    every = 2.0

    @classmethod
    def arns(cls, settings: CloudFrontCommon) -> tuple[str, ...]:
        """The distribution."""
        return (f"arn:aws:cloudfront::{account_of(settings)}:distribution/{settings.distribution}",)

    async def _see(self, job: Job[Origins]) -> OriginView:
        return await read_origins(aws(job), job.settings)

    async def _note(self, job: Job[Origins], seen: OriginView) -> None:
        await note_on_distribution(aws(job), seen, job.call.epoch)

    async def _turn(self, job: Job[Origins], seen: OriginView, on: tuple[str, ...], was: OriginView | None) -> None:
        await turn_origins(aws(job), job.settings, seen, on, was)
