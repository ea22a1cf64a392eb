"""`detect.cloudfront`: to which region's origin a CloudFront distribution leads."""

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.cloudfront import Origins, read_origins
from activities.contract import Job
from activities.cut_over.cloudfront import CutOverCloudFront
from activities.observing import Detector, Sight
from activities.switching import sight


class DetectCloudFront(OnAws, Detector[Origins]):
    """Healthy when it leads to an origin of the runbook."""

    uses = "detect.cloudfront"
    permissions = (
        "cloudfront:GetDistribution",
        "cloudfront:ListTagsForResource",
    )
    Settings = Origins
    arns = CutOverCloudFront.arns

    async def _look(self, job: Job[Origins]) -> Sight:
        return sight(await read_origins(aws(job), job.settings), job.call.resource)
