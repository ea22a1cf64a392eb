"""`detect.azure_dns`: which regions a public name in Azure DNS leads to now."""

from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.clients.azure_dns import TYPES, AzureDnsName, permissions_of, read_record_set
from activities.contract import Job
from activities.cut_over.azure_dns import CutOverAzureDns
from activities.observing import Detector, Sight
from runbooks.azure.traffic import AzureDnsCommon
from runbooks.facts import DnsValues


class DetectAzureDns(OnAzure, Detector[AzureDnsName]):
    """Reads the record set. Healthy when it leads to regions of the runbook, and nowhere else."""

    uses = "detect.azure_dns"
    permissions = (*(f"Microsoft.Network/dnsZones/{kind}/read" for kind in TYPES), "Microsoft.Network/dnsZones/read")
    Settings = AzureDnsName
    scopes = CutOverAzureDns.scopes

    @classmethod
    def needs(cls, settings: AzureDnsCommon) -> tuple[str, ...]:
        """Nothing on records of other types."""
        return permissions_of(settings, cls.permissions)

    async def _look(self, job: Job[AzureDnsName]) -> Sight:
        settings = job.settings
        seen = await read_record_set(azure(job), settings)
        addresses = sorted({value for region in seen.leads for value in settings.places[region].to})
        values = DnsValues(regions=tuple(seen.leads), addresses=tuple(addresses), ttl=seen.ttl)
        reason = f"{settings.name} leads to {seen.where()}."
        if seen.strangers:
            reason += f" {', '.join(seen.strangers)} is none of the runbook's: look who set it."
        good = bool(seen.leads) and not seen.strangers
        return Sight(good=good, reason=reason, values=values.model_dump(mode="json"))
