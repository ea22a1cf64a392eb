"""`detect.aks_nodepool`: how large an agent pool of AKS is."""

from activities.azure import OnAzure
from activities.clients.aks import read_pools
from activities.clients.azure import azure
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.aks_nodepool import ScaleAksNodepool
from runbooks.azure.scaling import AksNodepoolSettings


class DetectAksNodepool(OnAzure, Detector[AksNodepoolSettings]):
    """A pool that Azure shows is there to be scaled; its values say how large it is, with those of its ladder."""

    uses = "detect.aks_nodepool"
    permissions = (
        "Microsoft.ContainerService/managedClusters/agentPools/machines/read",
        "Microsoft.ContainerService/managedClusters/agentPools/read",
    )
    Settings = AksNodepoolSettings
    scopes = ScaleAksNodepool.scopes

    async def _look(self, job: Job[AksNodepoolSettings]) -> Sight:
        seen = await read_pools(azure(job), job.settings)
        said = "".join(f" {one.why}" for one in seen.members if one.why)
        reason = f"There are {seen.ready} nodes, and {seen.desired} are wanted.{said}"
        return Sight(good=True, reason=reason, values={"desired": seen.desired, "ready": seen.ready})
