"""`detect.traffic_manager`: which regions an Azure Traffic Manager profile leads to now."""

from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.clients.traffic_manager import Profile, read_profile
from activities.contract import Job
from activities.cut_over.traffic_manager import CutOverTrafficManager
from activities.observing import Detector, Sight
from runbooks.facts import DnsValues


class DetectTrafficManager(OnAzure, Detector[Profile]):
    """Reads the profile. Healthy when endpoints of the runbook are enabled, and no others."""

    uses = "detect.traffic_manager"
    permissions = ("Microsoft.Network/trafficmanagerprofiles/read",)
    Settings = Profile
    scopes = CutOverTrafficManager.scopes

    async def _look(self, job: Job[Profile]) -> Sight:
        settings = job.settings
        seen = await read_profile(azure(job), settings)
        weights = seen.leads if settings.routing == "weighted" else {}
        values = DnsValues(regions=tuple(seen.leads), addresses=seen.targets, ttl=seen.ttl, weights=weights)
        reason = f"{settings.profile} leads to {seen.where()}."
        if seen.strangers:
            reason += f" {', '.join(seen.strangers)} is none of the runbook's: look who set it."
        good = bool(seen.leads) and not seen.strangers
        return Sight(good=good, reason=reason, values=values.model_dump(mode="json"))
