"""`verify.route53`: the name servers lead a public name in Route 53 to the wanted regions."""

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.name_servers import witnessed
from activities.clients.route53 import servers_of
from activities.clients.route53_servers import expecting
from activities.clients.route53_sets import Route53Name
from activities.contract import Job
from activities.cut_over.route53 import CutOverRoute53
from activities.observing import Sight, Verifier


class VerifyRoute53(OnAws, Verifier[Route53Name]):
    """Asks them by DNS; good when all say so. With `servers` in the runbook no control plane is asked."""

    uses = "verify.route53"
    permissions = ("route53:GetHostedZone",)
    Settings = Route53Name
    arns = CutOverRoute53.arns

    async def _look(self, job: Job[Route53Name]) -> Sight:
        settings = job.settings
        serving = settings.serving
        servers = await servers_of(aws(job), settings)
        return await witnessed(settings, servers, serving, expecting(settings, serving))
