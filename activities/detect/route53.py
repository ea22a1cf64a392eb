"""`detect.route53`: which regions a public name in Route 53 leads to now."""

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.route53 import read_records
from activities.clients.route53_sets import Route53Name
from activities.contract import Job
from activities.cut_over.route53 import CutOverRoute53
from activities.observing import Detector, Sight
from runbooks.facts import DnsValues


class DetectRoute53(OnAws, Detector[Route53Name]):
    """Reads the records. Healthy when they lead to regions of the runbook, and nowhere else."""

    uses = "detect.route53"
    permissions = ("route53:ListResourceRecordSets",)
    Settings = Route53Name
    arns = CutOverRoute53.arns

    async def _look(self, job: Job[Route53Name]) -> Sight:
        settings = job.settings
        seen = await read_records(aws(job), settings)
        addresses = sorted({value for region in seen.leads for value in settings.places[region].to})
        values = DnsValues(regions=tuple(seen.leads), addresses=tuple(addresses), ttl=seen.ttl, weights=seen.leads)
        reason = f"{settings.name} leads to {seen.where()}."
        if seen.strangers:
            reason += f" {', '.join(seen.strangers)} is none of the runbook's: look who set it."
        good = bool(seen.leads) and not seen.strangers
        return Sight(good=good, reason=reason, values=values.model_dump(mode="json"))
