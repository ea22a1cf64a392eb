"""`detect.route53_health`: which regions Route 53's health checks do not hold for unhealthy."""

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.route53_health import HealthChecks, read_checks
from activities.contract import Job
from activities.cut_over.route53_health import CutOverRoute53Health
from activities.observing import Detector, Sight
from activities.switching import sight


class DetectRoute53Health(OnAws, Detector[HealthChecks]):
    """Healthy when any region's check is on."""

    uses = "detect.route53_health"
    permissions = (
        "route53:GetHealthCheck",
        "route53:ListTagsForResource",
    )
    Settings = HealthChecks
    arns = CutOverRoute53Health.arns

    async def _look(self, job: Job[HealthChecks]) -> Sight:
        return sight(await read_checks(aws(job), job.settings), job.call.resource)
