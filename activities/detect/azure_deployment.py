"""`detect.azure_deployment`: how large what a template has deployed is."""

from activities.applying_deployment import ApplyDeployment
from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.clients.azure_deployment import read_deployment
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.azure_deployment import size_of
from runbooks.azure.deployments import DeploymentCapacity


class DetectAzureDeployment(OnAzure, Detector[DeploymentCapacity]):
    """Reads the outputs of the last deployment, and nothing else: its resources are not asked. Any can be scaled."""

    uses = "detect.azure_deployment"
    permissions = ("Microsoft.Resources/deployments/read",)
    Settings = DeploymentCapacity
    scopes = ApplyDeployment.scopes

    async def _look(self, job: Job[DeploymentCapacity]) -> Sight:
        found = await read_deployment(azure(job), job.settings)
        size = size_of(job.settings, found)
        reason = f"{size} are deployed (the last deployment is {found.state})." if found.state else "None is deployed."
        return Sight(good=True, reason=reason, values={"desired": size, "ready": size})
