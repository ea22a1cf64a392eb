"""`detect.container_app`: how many replicas of an Azure Container App serve."""

from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.clients.container_app import read_app
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.container_app import ScaleContainerApp
from runbooks.azure.scaling import ContainerAppSettings


class DetectContainerApp(OnAzure, Detector[ContainerAppSettings]):
    """An app that Azure shows is there to be scaled; its values say how large it is."""

    uses = "detect.container_app"
    permissions = (
        "Microsoft.App/containerApps/read",
        "Microsoft.App/containerApps/revisions/read",
        "Microsoft.App/containerApps/revisions/replicas/read",
    )
    Settings = ContainerAppSettings
    scopes = ScaleContainerApp.scopes

    async def _look(self, job: Job[ContainerAppSettings]) -> Sight:
        seen = await read_app(azure(job), job.settings)
        said = f" Of {seen.revision} Azure says: {seen.trouble}." if seen.trouble else ""
        reason = f"{seen.ready} replicas serve, and at least {seen.desired} are kept.{said}"
        return Sight(good=not seen.trouble, reason=reason, values={"desired": seen.desired, "ready": seen.ready})
