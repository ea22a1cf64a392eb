"""`verify.azure_dns`: the name servers lead a public name in Azure DNS to the wanted regions."""

from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.clients.azure_dns import AzureDnsName, expecting_records
from activities.clients.name_servers import witnessed
from activities.contract import Job
from activities.cut_over.azure_dns import CutOverAzureDns
from activities.observing import Sight, Verifier


class VerifyAzureDns(OnAzure, Verifier[AzureDnsName]):
    """Asks them by DNS; good when all say so. With `servers` in the runbook no control plane is asked."""

    uses = "verify.azure_dns"
    permissions = ("Microsoft.Network/dnsZones/read",)
    Settings = AzureDnsName
    scopes = CutOverAzureDns.scopes

    async def _look(self, job: Job[AzureDnsName]) -> Sight:
        settings = job.settings
        serving, servers = settings.serving, settings.servers
        if not servers:
            zone = await azure(job).read("dns", "zones.get", settings.resource_group, settings.zone)
            servers = tuple(zone["properties"].get("nameServers") or ())
        return await witnessed(settings, servers, serving, expecting_records(settings, serving))
