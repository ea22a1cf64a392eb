"""`detect.kubernetes`: how large a workload of Kubernetes is, and why it is not as large as it should be."""

from pydantic import JsonValue

from activities.clients.kubernetes import cluster
from activities.clients.kubernetes_workload import read_workload
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.kubernetes import KubernetesSettings


class DetectKubernetes(Detector[KubernetesSettings]):
    """Healthy unless its pods cannot come up; its values say how large it is, whoever has made it so."""

    tested_against = "a fake of the Kubernetes API"
    uses = "detect.kubernetes"
    permissions = (
        "RBAC: get of the workload and its scale",
        "RBAC: list of horizontalpodautoscalers and pods",
        "eks:DescribeCluster (with eks)",
    )
    Settings = KubernetesSettings

    async def _look(self, job: Job[KubernetesSettings]) -> Sight:
        seen = await read_workload(await cluster(job), job.settings)
        reason = f"{seen.ready} of {seen.replicas} replicas are ready."
        values: dict[str, JsonValue] = {"desired": seen.replicas, "ready": seen.ready}
        if seen.stuck:
            return Sight(good=False, reason=f"{reason} {'; '.join(seen.stuck)}.", values=values)
        return Sight(good=True, reason=reason, values=values)
