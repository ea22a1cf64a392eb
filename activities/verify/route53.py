"""`verify.route53`: the name servers lead a public name in Route 53 to the wanted regions."""

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.route53 import servers_of
from activities.clients.route53_servers import ask_servers
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
        where = " and ".join(serving)
        if not servers:
            reason = f"The zone of {settings.name} has no name servers of its own (it is private): give `servers`."
            return Sight(good=False, reason=reason)
        said = await ask_servers(settings, servers, serving)
        if not said.wrong and not said.silent:
            count = f"All {len(servers)} servers lead" if len(servers) > 1 else "The server leads"
            return Sight(good=True, reason=f"{count} {settings.name} to {where}.", values=dict(said.all()))
        answers = "; ".join(f"{server}: {answer}" for server, answer in {**said.wrong, **said.silent}.items())
        reason = f"{settings.name} should lead to {where}, but not every server says so. {answers}"
        return Sight(good=False, reason=reason if reason.endswith(".") else f"{reason}.", values=dict(said.all()))
